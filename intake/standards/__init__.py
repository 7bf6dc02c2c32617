"""Values that a public standard defines, brought to its one form: identity numbers, telephones, industries, regions."""

from collections.abc import Callable, Mapping

from intake.standards.identity import read_identity_number
from intake.standards.industries import read_industry
from intake.standards.people import read_name, read_phone
from intake.standards.regions import read_region

# By the name that mappings and quality rules know; each raises CellError for what is none.
STANDARDS: Mapping[str, Callable[[str], str]] = {
    "identity_number": read_identity_number,
    "phone": read_phone,
    "name": read_name,
    "industry": read_industry,
    "region": read_region,
}
