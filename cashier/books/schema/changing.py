"""For migrations: changing what a table allows without making the table anew.

SQLite has no ALTER for constraints, and Alembic's way around it makes another table, which loses guards (triggers)
and the names of its constraints. Where only the text of a CHECK changes, SQLite lets the text be changed:
https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def change_check(
    operations: Operations, *, table: str, name: str, before: str, after: str, renamed: str | None = None
) -> None:
    """Have the CHECK ``name`` (as the database knows it) of ``table`` demand ``after`` instead of ``before``.

    It is called ``renamed`` then, where the old name would not be true any more.

    Both conditions are SQL as it stands in the table's definition. What is in the table has to fit ``after``:
    PostgreSQL looks, SQLite does not. Raises ``LookupError`` where SQLite's definition does not say ``before`` once.
    """
    if operations.get_bind().dialect.name != "sqlite":
        operations.drop_constraint(operations.f(name), table, type_="check")
        operations.create_check_constraint(operations.f(renamed or name), table, after)
        return
    old = f"CONSTRAINT {name} CHECK ({before})"
    _rewrite(operations, table, old, f"CONSTRAINT {renamed or name} CHECK ({after})")


def change_length(operations: Operations, *, table: str, column: str, before: int, after: int) -> None:
    """Let a text in ``column`` of ``table`` be ``after`` characters long instead of ``before``.

    Raises ``LookupError`` as ``change_check`` does. PostgreSQL refuses to make it shorter than what stands there.
    """
    if operations.get_bind().dialect.name != "sqlite":
        operations.alter_column(table, column, type_=sa.String(after))
        return
    _rewrite(operations, table, f"{column} VARCHAR({before})", f"{column} VARCHAR({after})")


def _rewrite(operations: Operations, table: str, old: str, new: str) -> None:
    """Change a part of SQLite's definition of ``table`` that rows do not depend on."""
    connection = operations.get_bind()
    of_table = {"table": table}
    definition = connection.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), of_table
    ).scalar_one()
    if definition.count(old) != 1:
        raise LookupError(f"the definition of {table} does not say “{old}” once")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :definition WHERE type = 'table' AND name = :table"),
        of_table | {"definition": definition.replace(old, new)},
    )
    # Other connections read the definition again when this number has changed; this one at RESET.
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
