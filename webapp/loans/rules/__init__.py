"""The rules for one loan (chains.md, sections 1 to 3): pure functions over plain facts, one definition each."""

from webapp.loans.rules.assessment import Assessment as Assessment
from webapp.loans.rules.assessment import assess as assess
from webapp.loans.rules.assessment import assess_vehicle as assess_vehicle
from webapp.loans.rules.assessment import obstacle as obstacle
from webapp.loans.rules.days import LAST_DAY as LAST_DAY
from webapp.loans.rules.facts import Facts as Facts
from webapp.loans.rules.findings import Finding as Finding
from webapp.loans.rules.findings import Severity as Severity
from webapp.loans.rules.findings import noted as noted
