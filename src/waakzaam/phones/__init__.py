"""Phones: descriptions now; dumps, reports and cables later."""
