"""What the report stage is given: the tables of a run, and the facts that go around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from waakzaam.tables import TABLES


@dataclass(frozen=True)
class StepView:
    """One step of a chain, from the outermost bytes inwards.

    ``layer`` is ``message`` or a message part (``body``, ``query``, ``header:<name>``) for the first step,
    else the name of the layer that was removed (``form``, ``base64``, ``gzip``, ``json`` …). ``size`` is in
    bytes of what the step yields; ``preview`` is the start of it as text.
    """

    layer: str
    selector: str
    kind: str  # message | structure | encoding | embedded-key | to-recipient
    size: int | None
    preview: str


@dataclass(frozen=True)
class ChainView:
    """The way from the bytes of the evidence to the value of one sighting.

    ``value_shown`` is the value at the end, already shortened by its maker unless the user asked for values.
    """

    steps: tuple[StepView, ...]
    value_shown: str


@dataclass(frozen=True)
class CaseFacts:
    """What has been said in public about one reported case; the four voices are kept apart.

    ``technical_text`` is what a source shows that can be read again (code, a specification, a text of law);
    ``claim_as_reported`` is what someone said; ``answer`` is what the company said; ``others`` is what other
    bodies found, one string each with its date; ``scope_limits`` is what the case does not cover. An empty
    string means that nothing is known; a line break begins a new paragraph (one statement each).
    """

    id: str
    title: str
    date: str  # as the sources give it, ISO 8601 where they do
    claim_as_reported: str
    by: str
    technical_text: str
    answer: str
    others: tuple[str, ...] = ()
    scope_limits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything a renderer may show.

    ``tables`` holds tables of `waakzaam.tables` by name; a missing one is read as empty. ``phone`` has the
    keys ``brand, maker, model, os, build, patch_level, profile``, each a string or missing.
    ``reconstruction_of`` is the id of the case that the evidence re-enacts, and ``reconstruction_by`` says
    who made it. ``chains`` is keyed by sighting id. ``made_at`` must know its time zone. ``command`` is what
    to type to get this report again.
    """

    tables: Mapping[str, pa.Table]
    made_at: datetime
    version: str
    phone: Mapping[str, str | None] = field(default_factory=dict)
    cases: tuple[CaseFacts, ...] = ()
    reconstruction_of: str | None = None
    reconstruction_by: str | None = None
    not_checked: tuple[str, ...] = ()
    chains: Mapping[str, ChainView] = field(default_factory=dict)
    policy_id: str | None = None
    show_values: bool = False
    command: str = ""
    facts_as_of: date | None = None
    """The day up to which the facts behind recipients, cases and laws were looked up."""
    facts_origin: str | None = None
    """``packaged``, or which fetched facts were used; also why fetched ones were not."""
    corrections: str = ""
    """Where to ask for a correction of what is said of companies; empty: as ``corrections.toml`` says."""
    case_path: str | None = None
    """The case file, if another than the one that is looked in anyway."""

    def __post_init__(self) -> None:
        """Refuse a time without a zone: it would be shown as if it were UTC."""
        if self.made_at.tzinfo is None:
            raise ValueError("made_at must know its time zone")

    def table(self, name: str) -> pa.Table:
        """Return the table ``name``, with the columns of its schema; empty if the run made none.

        Columns the run left out are null, so that a renderer never has to ask.
        """
        schema = TABLES[name]
        given = self.tables.get(name)
        if given is None:
            return schema.empty_table()
        columns = [
            given.column(each.name)
            if each.name in given.column_names
            else pa.nulls(given.num_rows, each.type)
            for each in schema
        ]
        # A dictionary-encoded column stays one: written out it can be a hundred times larger.
        kinds = [
            column.type if pa.types.is_dictionary(column.type) else each.type
            for column, each in zip(columns, schema, strict=True)
        ]
        return pa.table(columns, schema=pa.schema(list(zip(schema.names, kinds, strict=True))))

    def case(self, case_id: str | None) -> CaseFacts | None:
        """Return the facts of one reported case, or None if the report holds none of that id."""
        return next((case for case in self.cases if case.id == case_id), None)
