"""The stand-ins for FMS (its REST, six reports, a small page) and for SmartMoving, over real HTTP on one port."""
