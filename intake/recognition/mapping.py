"""From the columns of any table to the fields and features of a case. docs/mapping.md describes the file in full.

    about: Loans of branch X, 2024
    source: branch-x                        # or given to the command
    utc_offset: "+08:00"                    # of dates that name none
    fields:                                 # external_ref, product, amount, currency, term_months, applied_at,
      external_ref: {column: 合同号}         # kind, industry, region, channel, applicant.id, applicant.name,
      amount: {column: amt, scale: 0.01}    # applicant.segment, applicant.key_customer
      product: {constant: consumer}         # what the mapping's author knows
      term_months: {default: 12}            # made up: recorded as derived
      applied_at: {import_time: true}       # made up
      applicant.id: {derive: applicant_reference}             # made up from the row's reference, always alike
    features:
      annual_income: {column: inc, type: number, missing: ["-1"]}
      credit_utilisation: {compute: percent_of, from: [used, limit]}
    rest_as_features: false                 # true: every column not named becomes a feature, its type found out
    drop: {status: known_after_decision}    # never read, with the reason
    outcome: {column: status, bad_values: [bad], good_values: [good]}
    decided: approved                       # loans that were decided before they came here

A column may say `type` (number, integer, percent, text, flag, date), `values` (what a cell means) with `other` (keep,
refuse, missing), `missing`, `pattern` (a regular expression whose group is read), `scale`, `decimal`, `format` and
`prefix`.
"""

from intake.mapped.case_mapping import CaseMapping, MappingError, Outcome
from intake.mapped.derive import COMPUTATIONS, DERIVATIONS
from intake.mapped.given import Given
from intake.mapped.mapped_row import MappedRow, RowOutcome
from intake.mapped.mapping_data import mapping_as_data
from intake.mapped.mapping_file import DROP_REASONS, load_mapping, mapping_of_text, read_mapping
from intake.mapped.readings import Occurrences
from intake.recognition.infer import infer_mapping

__all__ = [
    "COMPUTATIONS",
    "DERIVATIONS",
    "DROP_REASONS",
    "CaseMapping",
    "Given",
    "MappedRow",
    "MappingError",
    "Occurrences",
    "Outcome",
    "RowOutcome",
    "infer_mapping",
    "load_mapping",
    "mapping_as_data",
    "mapping_of_text",
    "read_mapping",
]
