"""What PostgreSQL lets a desk's account change only while the right person is signed in there.

A desk's password lies in that desk's keyring. Whoever has it, and no PIN of an administrator, makes nobody an
administrator, takes nobody's place, and lifts no limit. The owner of the tables works outside of that: it migrates
and sets up. This is what holds today; a migration writes it out by itself.
"""

from __future__ import annotations

_ADMINISTERED = """
CREATE FUNCTION cashier_administered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM staff_administers();
  RETURN NEW;
END $$"""

_OF_PEOPLE = ("sign_in_name", "display_name", "role", "badge_digest", "is_active")
"""What makes somebody who they are, and what they may. The language is everybody's own."""


def statements() -> list[str]:
    """Return the statements that make all of it, once the functions of ``signing_in`` are there."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _OF_PEOPLE)
    return [
        _ADMINISTERED.strip(),
        "REVOKE EXECUTE ON FUNCTION cashier_administered() FROM PUBLIC",
        _trigger("staff_added", "staff", "INSERT"),
        _trigger("staff_administered", "staff", "UPDATE", f"WHEN ({changed}) "),
        _trigger("approval_limit_administered", "approval_limit", "INSERT OR UPDATE"),
    ]


def _trigger(name: str, table: str, event: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION cashier_administered()"
    )
