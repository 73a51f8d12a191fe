"""Chains that are saved: written as loans, listed, shown, and acted on loan by loan."""
