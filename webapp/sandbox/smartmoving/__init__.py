"""The stand-in for SmartMoving, the movers' CRM: its API below `/smartmoving/v1`, quirks included, and a small page."""
