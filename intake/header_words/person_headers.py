"""What headers say of people: whom they call, and whether names, numbers or addresses of somebody stand below them."""

from __future__ import annotations

import re
from typing import Final

from intake.header_words.number_signs import key_of, keys_of

_APPLICANT: Final = (
    r"(?:(?:main|primary|principal)?(?:borrower|applicant|client|customer|cust|debtor|obligor|accountholder|lessee"
    r"|member)s?"
    r"|(?:主|主要)?(?:借款人|申请人|申贷人|债务人|承租人)|主贷人|农户|购车人|用款人|融资人|借款企业|借款主体|客户|户名|账户名|主借人|授信主体"
    r"|承租(?:方|企业|单位))"
)
# Alone only: 所在企业 and 企业名称 may be of somebody's employer.
_FIRM: Final = "企业"
_OTHERS: Final = (
    r"(?:(?:emergency|primary|main)?contacts?(?:person)?|next(?:of)?kin"
    r"|(?:co|joint|second|secondary)(?:borrower|applicant|debtor|obligor|signer|maker|lessee)s?[1-5]?"
    r"|(?:borrower|applicant|debtor|obligor)[2-5]|contact[1-5]|guarantor[1-5]"
    r"|spouse|husband|wife|guar(?:antor)?s?|suret(?:y|ies)|cosigner|referees?|legal(?:representative|rep|person)"
    r"|(?:beneficial)?owners?|shareholders?|director"
    r"|buyer|seller|payee|father|mother|parent|brother|sister|son|daughter|child|guardian|relative|reference[1-5]?|friend|colleague"
    r"|nominee[1-5]?|beneficiary|heir|witness[1-5]?|landlord"
    r"|(?:共同|联合|第[二三四五]|次要?)(?:借款|申请|还款|债务|承租)人[1-5一二三]?|(?:借款|申请)人[2-5二三]"
    r"|(?:(?:紧急)?联[系络]|担保|保证)人[1-5一二三]|第[一二三](?:担保|保证)人"
    r"|共借人|共贷人|车主|收款人|收款方|买受人|出卖人|(?:紧急|第[一二三]|主要)?联[系络]人|经办人|法人(?:代表)?|法定代表人"
    r"|企业主|负责人|实际控制人|实控人|股东|配偶|(?:连带)?(?:担保|保证)人|抵押人|出质人"
    r"|父亲|母亲|丈夫|妻子|亲属|直系亲属|监护人|受益人|见证人)"
)
# Who brings, enters, checks or looks after a loan: of a few people each has many.
_STAFF: Final = (
    r"(?:(?:loan|credit|account|sales|branch|case|field|relationship|customer|client|collections?|bank|lending)?"
    r"(?:officer|manager|executive|agent|advis[eo]r|consultant|representative|rep|staff)|rm|salesperson|salesman"
    r"|(?:loan|mortgage)?broker|loan(?:processor|originator|closer)|(?:loan)?underwriter|introducer|referr?er|surveyor"
    r"|appraiser|clerk|teller|employee|user|maker|checker|approver|reviewer|assessor|creator|handler"
    r"|(?:created|entered|inputt?(?:ed)?|keyed|captured|submitted|updated|modified|approved|reviewed|checked|verified"
    r"|handled|processed|prepared|recorded|introduced|referred|assessed|sourced|managed|sold)by|(?:assigned|allocated)to"
    r"|(?:客户|业务|信贷|销售|产品|项目|渠道|区域|团队|门店|贷后|管户)经理|(?:cust|customer|acct|account|client)m(?:g|n)?gr|(?:信贷|业务|客服|销售|催收|贷后|审批|风控)?专员|柜员"
    r"|(?:业务|信贷|录入|审核|审批|复核|审查|调查|催收|操作|销售|客服|推广|征信|风控|外访|质检|初审|终审|面签|办事|录单)人?员"
    r"|(?:当前)?(?:录入|发起|填报|处理|操作|审核|审批|复核|审查|调查|受理|创建|提交|登记|更新|修改|推荐|介绍|营销|管户|跟进|制单|填表|录单|报单|进件|主办|协办)人)"
)
# Who decides on a loan has no part in what was known before.
_DECIDER: Final = (
    r"(?:(?:final|first|second|loan|credit|chief)*(?:approver|decider|decisionmaker|adjudicator|sanctioner)[1-3]?(?:name|id|code|no)?"
    r"|(?:approving|deciding|sanctioning)(?:officer|authority|manager|person)(?:name|id|code|no)?"
    r"|(?:最终|贷款|授信)?(?:审批|终审|初审|复审|审定|批准|核准|签批|审贷|决策)人员?(?:[1-3一二三])?(?:姓名|名称|工号|编号|代码|id)?)"
)
_WHO: Final = rf"(?:{_APPLICANT}|{_OTHERS}|{_STAFF})"
_CALLED: Final = re.compile(r"^nameof(?:the)?|(?:(?:full)?(?:names?|nm)|姓名|名字|名称|全称)$")
_NAMES: Final = re.compile(
    rf"{_WHO}s?(?:(?:full|family|legal)?(?:name|nm)|[flm]name|initials?|名字|名称|名|全称)|nameof(?:the)?{_WHO}"
    r"|.*(?:first|last|middle|given|maiden|sur|fore)(?:name|nm)|familyname|[flm]name|emergencycontactname"
    r"|.*姓名(?:拼音)?|姓氏?|名|曾用名|用户名|客户经理|信贷员|受益人|监护人|签约人|户主|持卡人|经办人|配偶|担保人|(?:紧急)?联系人"
    rf"|(?:loan|credit|account)(?:officer|manager)|beneficiary|nominee|{_DECIDER}"
)
_NUMBER: Final = r"(?:no|num|number|id|号|号码)"
_DOCUMENT: Final = (
    r"(?:nric|nricfin|mykad|passport|ssn|socialsecurity|aadhaar|aadhar|pancard|cnic|ktp|nik|cpf|emiratesid|hkid|voterid|nin|bvn|nrc|pan|ein|tin|curp|rfc|dni|nif|nie|pesel|bsn|codicefiscale|steuerid|nino|ni(?=number|no)|nationalinsurance|sin|taxfile|tfn|krapin|ghanacard|omang|gstin"
    r"|taxid|nationalid|(?:drivers?|driving)licen[cs]e|护照|军官证|驾驶证|社保卡?|结婚证)"
)
# Nothing but the number itself stands below these, or whether there is one.
_NUMBERED: Final = re.compile(
    rf"{_WHO}?{_DOCUMENT}{_NUMBER}|{_WHO}?(?:ssn|nric|aadhaar|aadhar|cnic|hkid|nin|bvn|nrc|pan|ein|curp|dni|pesel|codicefiscale|nino|sin|tfn|krapin|ghanacard|omang|gstin)|{_WHO}?(?:wechat|weixin|微信|qq){_NUMBER}"
    rf"|{_WHO}?qq|.*(?:微信|qq)(?:号|号码)|.*(?:[账帐]号|卡号)|.*(?:车牌|牌照|车架|发动机)(?:号|号码)|(?:licen[cs]e|number)plate{_NUMBER}?"
    rf"|(?:vehicle|car)(?:registration|reg|plate){_NUMBER}"
)
_PHONE: Final = r"(?:(?:mobile|cell|hand)?(?:phone|telephone|mobile|tel)|cell|contact(?=no|num))(?:no|num|number)?[12]?"
_PLACE: Final = (
    r"(?:emergency|alternate|home|work|office|street|postal|mailing|residential|permanent|current|property|employer"
    r"|company)"
)
_PERSONAL: Final = re.compile(
    rf"(?:{_WHO}|{_PLACE})?{_PHONE}|(?:{_WHO}|{_PLACE})?email(?:address)?|(?:{_WHO}|{_PLACE})?address(?:line)?[1-3]?"
    rf"|{_WHO}?bank(?:card|account)(?:no|number)?|{_WHO}?iban|{_WHO}?{_DOCUMENT}{_NUMBER}?|{_OTHERS}(?:id|cif)(?:no|number)?"
    rf"|{_WHO}?(?:cert|certificate|paper|citizen){_NUMBER}|.*证照{_NUMBER}|.*(?:zjhm|sfzh|sfzhm)"
    r"|wechat|whatsapp|.*(?:手机|电话|银行卡|微信|身份证|证件)(?:号|号码|编号)?|.*(?:邮箱|住址|地址|联系方式)|车牌"
)
# 手机型号 is nobody's number, and 手机消费 may be anything: the values tell.
_TOUCHED: Final = re.compile(r".*(?:手机|电话|邮箱|住址|地址|银行卡|微信|qq号|身份证|证件号|联系方式).*")


def calls_applicant(header: str) -> bool:
    """Whether a header calls whoever asks for the loan, and says no more than that or "name"."""
    return bool(re.fullmatch(_APPLICANT, _called(header))) or key_of(header) == _FIRM


def calls_other(header: str) -> bool:
    """As `calls_applicant`, of somebody beside them: who guarantees, a relative, a contact."""
    return bool(re.fullmatch(_OTHERS, _called(header)))


def calls_staff(header: str) -> bool:
    """As `calls_applicant`, of somebody who brings, enters, checks or looks after the loan."""
    return bool(re.fullmatch(_STAFF, _called(header)))


def names_somebody(header: str) -> bool:
    """Whether a header says that its column holds names of people, whole or in part."""
    return any(map(_NAMES.fullmatch, keys_of(header)))


def numbers_somebody(header: str) -> bool:
    """Whether a header says that its column holds numbers that people have, and no other word about them."""
    return any(map(_NUMBERED.fullmatch, keys_of(header)))


def is_personal(header: str) -> bool:
    """Whether a header may hold a person's telephone, address, account or number."""
    kinds = (_NUMBERED, _PERSONAL, _TOUCHED)
    return any(kind.fullmatch(key) for kind in kinds for key in keys_of(header))


def leads_to_somebody(header: str) -> bool:
    """Whether a header alone says that its column is of people: nothing stands below it yet that says otherwise."""
    calls = calls_applicant(header) or calls_other(header) or calls_staff(header)
    told = (_NAMES, _NUMBERED, _PERSONAL)
    return calls or any(kind.fullmatch(key) for kind in told for key in keys_of(header))


def _called(header: str) -> str:
    """Whom a header names: "Name of Borrower" and "Borrower's Name" the borrower."""
    return _CALLED.sub("", key_of(header))
