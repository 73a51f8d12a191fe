"""The stand-in for the fleet owner's FMS: its REST, its six reports and a small page, over real HTTP."""
