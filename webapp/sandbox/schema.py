"""The tables of the stand-in FMS. Days are ISO text, money is whole cents, VINs are clean."""

FIRST_REQUEST_ID = 4372
FIRST_REQUESTED_VEHICLE_ID = 5396

SCHEMA = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE offices (name TEXT PRIMARY KEY, city TEXT NOT NULL, state TEXT NOT NULL)",
    """CREATE TABLE fms_users (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
        office TEXT NOT NULL)""",
    """CREATE TABLE vehicles (vin TEXT PRIMARY KEY, vehicle_id INTEGER UNIQUE, year INTEGER NOT NULL,
        make TEXT NOT NULL, model TEXT NOT NULL, short_name TEXT NOT NULL, office TEXT NOT NULL,
        fleet TEXT NOT NULL, registration_exp TEXT, insurance_exp TEXT, mileage INTEGER NOT NULL,
        in_service_day TEXT NOT NULL, turn_in_day TEXT, notes TEXT NOT NULL, color TEXT NOT NULL)""",
    """CREATE TABLE partners (row_id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, name TEXT NOT NULL,
        address TEXT NOT NULL, office TEXT NOT NULL, default_loan_region TEXT NOT NULL,
        instructions TEXT NOT NULL,
        affiliation TEXT NOT NULL, subcategory_id INTEGER, UNIQUE (person_id, office))""",
    """CREATE TABLE activities (activity_id INTEGER PRIMARY KEY, vin TEXT NOT NULL, person_id INTEGER,
        activity_type TEXT NOT NULL, start_day TEXT NOT NULL, end_day TEXT NOT NULL, addressee TEXT NOT NULL,
        address TEXT NOT NULL, region TEXT NOT NULL, make TEXT NOT NULL, model TEXT NOT NULL,
        year INTEGER NOT NULL, short_name TEXT NOT NULL, office TEXT NOT NULL, clips INTEGER)""",
    "CREATE INDEX activities_by_vin ON activities (vin)",
    "CREATE INDEX activities_by_end ON activities (end_day)",
    """CREATE TABLE approvals (person_id INTEGER NOT NULL, name TEXT NOT NULL, make TEXT NOT NULL,
        rank TEXT NOT NULL, PRIMARY KEY (person_id, make))""",
    """CREATE TABLE spending (fleet TEXT NOT NULL, office TEXT NOT NULL, year INTEGER NOT NULL,
        quarter INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (office, fleet, year, quarter))""",
    """CREATE TABLE budgets (office TEXT NOT NULL, fleet TEXT NOT NULL, year INTEGER NOT NULL,
        quarter INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (office, fleet, year, quarter))""",
    """CREATE TABLE requests (id INTEGER PRIMARY KEY AUTOINCREMENT, requestor_id INTEGER NOT NULL,
        loanee_id INTEGER NOT NULL, activity_type_id INTEGER NOT NULL, subcategory_id INTEGER,
        activity_to TEXT NOT NULL, reason TEXT NOT NULL, start_day TEXT NOT NULL, end_day TEXT NOT NULL,
        requestor_notes TEXT NOT NULL, status TEXT NOT NULL, status_reason TEXT NOT NULL,
        received_at TEXT NOT NULL)""",
    """CREATE TABLE requested_vehicles (id INTEGER PRIMARY KEY AUTOINCREMENT, request_id INTEGER NOT NULL
        REFERENCES requests (id), vehicle_id INTEGER NOT NULL, notes TEXT NOT NULL, activity_id INTEGER)""",
    "CREATE INDEX requested_vehicles_by_request ON requested_vehicles (request_id)",
    """CREATE TABLE calls (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, method TEXT NOT NULL,
        path TEXT NOT NULL, reference TEXT, requestor_id INTEGER, fault TEXT,
        applied INTEGER NOT NULL DEFAULT 0, status INTEGER, ending TEXT)""",
    "CREATE TABLE report_stamps (name TEXT PRIMARY KEY, etag TEXT NOT NULL, modified_at TEXT NOT NULL)",
)

TABLES = (
    "about",
    "offices",
    "fms_users",
    "vehicles",
    "partners",
    "activities",
    "approvals",
    "spending",
    "budgets",
    "requests",
    "requested_vehicles",
    "calls",
    "report_stamps",
)
