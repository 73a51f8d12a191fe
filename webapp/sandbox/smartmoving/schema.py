"""The tables of the stand-in SmartMoving. Days are ISO text, money whole cents, lists and objects JSON text."""

SMARTMOVING_SCHEMA = (
    "CREATE TABLE smartmoving_about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE smartmoving_branches (id TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, phone TEXT,
        location TEXT, is_primary INTEGER NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL, zip_code TEXT NOT NULL,
        area_code TEXT NOT NULL)""",
    "CREATE TABLE smartmoving_services (id INTEGER PRIMARY KEY, name TEXT)",
    """CREATE TABLE smartmoving_customers (id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, phone_type TEXT,
        email TEXT, address TEXT, other_phones TEXT NOT NULL)""",
    """CREATE TABLE smartmoving_opportunities (id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, quote INTEGER NOT NULL,
        status INTEGER NOT NULL, branch_id TEXT, branch_text TEXT, branch_style INTEGER NOT NULL, lead_status TEXT,
        move_size TEXT, total TEXT, assignee TEXT, created_at TEXT NOT NULL, is_gone INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE smartmoving_jobs (id TEXT PRIMARY KEY, opportunity_id TEXT NOT NULL, place INTEGER NOT NULL,
        number TEXT, day TEXT, type INTEGER NOT NULL, is_confirmed INTEGER NOT NULL, addresses TEXT NOT NULL,
        arrival TEXT, charges TEXT NOT NULL, crew TEXT NOT NULL, hours REAL, is_gone INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX smartmoving_opportunities_by_customer ON smartmoving_opportunities (customer_id)",
    "CREATE INDEX smartmoving_jobs_by_opportunity ON smartmoving_jobs (opportunity_id)",
    "CREATE INDEX smartmoving_jobs_by_day ON smartmoving_jobs (day)",
    """CREATE TABLE smartmoving_calls (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, target TEXT NOT NULL,
        path TEXT NOT NULL, fault TEXT, status INTEGER, ending TEXT)""",
    "CREATE TABLE smartmoving_months (month TEXT PRIMARY KEY, calls INTEGER NOT NULL)",
)

SMARTMOVING_TABLES = (
    "smartmoving_about",
    "smartmoving_branches",
    "smartmoving_services",
    "smartmoving_customers",
    "smartmoving_opportunities",
    "smartmoving_jobs",
    "smartmoving_calls",
    "smartmoving_months",
)
