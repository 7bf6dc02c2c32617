"""The HTTP API put together: routers of the stages, one way to refuse, OpenAPI at /api/v1/openapi.json."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from cases.api import Problem, problem_response, refusal_problem
from cases.errors import CaseError
from desk.api import router as case_router
from intake.rows_api import router as rows_router
from intake.schemas import ProblemDetails
from learning.api import router as outcome_router
from portfolio.api import router as performance_router

# What any address may answer besides what it says itself.
REFUSALS = {401: "No valid token", 403: "The token lacks the scope", 422: "Unprocessable Content"}
TOO_LARGE = {413: "Content Too Large"}
PROBLEM = "application/problem+json"


class _Documented(NinjaAPI):
    """Its document names the refusals that every address has, and their kind of content."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        whole = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update({**whole.pop("$defs", {}), "ProblemDetails": whole})
        refused = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}}
        for path, item in document["paths"].items():
            missing = {404: "Not Found"} if "{" in path else {}
            for operation in item.values():
                answers = operation["responses"]
                too_large = TOO_LARGE if "requestBody" in operation else {}
                for status, said in {**REFUSALS, **missing, **too_large}.items():
                    answers.setdefault(status, {"description": said})
                for status, answer in answers.items():
                    if int(status) >= 400:
                        answer.update(refused)
        return document


api = _Documented(
    title="RiskReview",
    version="1",
    description="Send loan cases, read what became of them, tell how the loans went. Errors are RFC 9457 problems.",
    urls_namespace="api",
)
api.add_router("/cases", case_router)
api.add_router("/outcomes", outcome_router)
api.add_router("/performance", performance_router)
api.add_router("/sources", rows_router)


@api.exception_handler(Problem)
def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(CaseError)
def refuse_case(request: HttpRequest, refusal: CaseError) -> HttpResponse:
    return problem_response(refusal_problem(refusal))


@api.exception_handler(AuthenticationError)
def refuse_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem_response(Problem(401, "No token", "Send a valid token: Authorization: Bearer <token>."))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(RequestDataTooBig)
def refuse_size(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem_response(Problem(413, "Too large", "The body is too large; send the rows in several batches."))


@api.exception_handler(ValidationError)
def refuse_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": str(each["loc"][-1]), "value": "", "code": each["type"], "en": each["msg"], "zh": "此参数无法读取。"}
        for each in error.errors
    ]
    return problem_response(Problem(422, "Bad fields", "The request was not understood.", errors))
