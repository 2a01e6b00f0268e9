"""Every control call, once: the server routes by these rows, OpenAPI and the client follow them.

Standard library only, so that the client can import it. Types are bound in ``schemas``,
behaviour in ``bindings``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTROL_ROOT: Final = "/__mock/v1"


@dataclass(frozen=True, slots=True)
class Row:
    """One call: ``status`` is the success status, ``refusals`` what it may answer besides.

    ``path`` is below ``CONTROL_ROOT``; its ``{parameters}`` are single segments. ``query`` names
    the query parameters it takes. ``body`` tells whether one is ``required``, ``optional`` or
    ``none``. ``conditional`` rows honour ``If-Match``.
    """

    name: str
    method: str
    path: str
    summary: str
    status: int = 200
    body: str = "none"
    query: tuple[str, ...] = ()
    refusals: tuple[int, ...] = ()
    conditional: bool = False


_NS: Final = "/namespaces/{namespace}"
_PAGE: Final = (
    "after",
    "limit",
    "order",
    "method",
    "path",
    "stub",
    "matched",
    "phase",
    "correlation",
)


def _row(
    name: str,
    method: str,
    path: str,
    summary: str,
    status: int = 200,
    *,
    body: str = "none",
    query: tuple[str, ...] = (),
    refusals: tuple[int, ...] = (),
    conditional: bool = False,
    creates: bool = False,
) -> Row:
    found = {404} if "{" in path and not creates else set()
    if body != "none":
        found |= {400, 413, 422}
    if query:
        found |= {422}
    if conditional:
        found |= {412}
    return Row(
        name,
        method,
        path,
        summary,
        status,
        body,
        query,
        tuple(sorted({*found, *refusals})),
        conditional,
    )


ROWS: Final[tuple[Row, ...]] = (
    _row("health", "GET", "/health", "Whether the process answers"),
    _row(
        "ready",
        "GET",
        "/ready",
        "Whether the server takes requests (503 while it stops)",
        refusals=(503,),
    ),
    _row("version", "GET", "/version", "Versions of the server and of the control API"),
    _row("openapi", "GET", "/openapi.json", "This API as OpenAPI 3.1"),
    _row("config_schema", "GET", "/config.schema.json", "The JSON Schema of config files"),
    _row("list_sets", "GET", "/sets", "The sets of the config and what they hold"),
    _row("list_namespaces", "GET", "/namespaces", "The live namespaces", query=("label",)),
    _row(
        "create_namespace",
        "POST",
        "/namespaces",
        "Create a namespace",
        201,
        body="optional",
        refusals=(404, 409, 429),
    ),
    _row("get_namespace", "GET", _NS, "One namespace"),
    _row(
        "replace_namespace",
        "PUT",
        _NS,
        "Create a namespace, or replace it by a new one",
        body="optional",
        refusals=(429,),
        conditional=True,
        creates=True,
    ),
    _row(
        "delete_namespace",
        "DELETE",
        _NS,
        "Delete a namespace (reset it, if it is default)",
        204,
        conditional=True,
    ),
    _row(
        "reset_namespace",
        "POST",
        _NS + "/reset",
        "Return all of it, or parts, to what it was at creation",
        body="optional",
        conditional=True,
    ),
    _row("renew_namespace", "POST", _NS + "/renew", "Renew the lease", body="optional"),
    _row(
        "fork_namespace",
        "POST",
        _NS + "/fork",
        "Create a copy under another name",
        201,
        body="optional",
        refusals=(409, 429),
    ),
    _row(
        "finish_namespace",
        "POST",
        _NS + "/finish",
        "Close the journal and free the name",
        body="optional",
        refusals=(409,),
        conditional=True,
    ),
    _row("list_snapshots", "GET", _NS + "/snapshots", "The snapshots of a namespace"),
    _row(
        "take_snapshot",
        "POST",
        _NS + "/snapshots",
        "Keep stubs, settings, state, cursors, clock and seed",
        201,
        body="optional",
        refusals=(409, 429),
    ),
    _row(
        "restore_snapshot",
        "POST",
        _NS + "/snapshots/{snapshot}/restore",
        "Go back to a snapshot; the journal stays",
        conditional=True,
    ),
    _row("delete_snapshot", "DELETE", _NS + "/snapshots/{snapshot}", "Forget a snapshot", 204),
    _row(
        "list_stubs",
        "GET",
        _NS + "/stubs",
        "The stubs in force, strongest rank first",
        query=("layer",),
    ),
    _row(
        "define_stubs",
        "POST",
        _NS + "/stubs",
        "Define one stub or a list, all or nothing",
        201,
        body="required",
        refusals=(429,),
        conditional=True,
    ),
    _row(
        "replace_stubs",
        "PUT",
        _NS + "/stubs",
        "Replace all own stubs",
        body="required",
        refusals=(429,),
        conditional=True,
    ),
    _row(
        "delete_stubs",
        "DELETE",
        _NS + "/stubs",
        "Remove every stub (`layer=own`: own ones only)",
        204,
        query=("layer",),
        conditional=True,
    ),
    _row("get_stub", "GET", _NS + "/stubs/{stub}", "One stub"),
    _row(
        "put_stub",
        "PUT",
        _NS + "/stubs/{stub}",
        "Define or redefine one stub",
        body="required",
        refusals=(429,),
        conditional=True,
    ),
    _row(
        "delete_stub",
        "DELETE",
        _NS + "/stubs/{stub}",
        "Remove a stub (`layer=own`: uncover what it replaced)",
        204,
        query=("layer",),
        conditional=True,
    ),
    _row(
        "apply",
        "POST",
        _NS + "/apply",
        "Apply a batch of changes, whole or not at all",
        body="required",
        refusals=(409, 429),
        conditional=True,
    ),
    _row("get_state", "GET", _NS + "/state", "The state"),
    _row(
        "merge_state",
        "PATCH",
        _NS + "/state",
        "Merge into the state; null removes a key (RFC 7396, one level)",
        body="required",
        conditional=True,
    ),
    _row(
        "replace_state",
        "PUT",
        _NS + "/state",
        "Replace the state",
        body="required",
        conditional=True,
    ),
    _row(
        "list_sequences",
        "GET",
        _NS + "/sequences",
        "The sequences of the namespace, with their cursors",
    ),
    _row(
        "get_sequence",
        "GET",
        _NS + "/sequences/{stub}",
        "The cursors of one stub's sequence",
        refusals=(409,),
    ),
    _row(
        "set_sequence",
        "PUT",
        _NS + "/sequences/{stub}",
        "Set or reset a cursor",
        body="required",
        refusals=(409,),
        conditional=True,
    ),
    _row("get_clock", "GET", _NS + "/clock", "The clock"),
    _row(
        "set_clock",
        "PUT",
        _NS + "/clock",
        "Freeze, offset or advance the clock",
        body="required",
        conditional=True,
    ),
    _row("list_requests", "GET", _NS + "/requests", "Recorded requests", query=_PAGE),
    _row("delete_requests", "DELETE", _NS + "/requests", "Delete every recorded request", 204),
    _row(
        "search_requests",
        "POST",
        _NS + "/requests/search",
        "Recorded requests that fit a pattern",
        body="required",
    ),
    _row(
        "count_requests",
        "POST",
        _NS + "/requests/count",
        "How many recorded requests fit a pattern",
        body="required",
    ),
    _row("get_request", "GET", _NS + "/requests/{number}", "One recorded request"),
    _row(
        "delete_request", "DELETE", _NS + "/requests/{number}", "Delete one recorded request", 204
    ),
    _row(
        "explain_request",
        "GET",
        _NS + "/requests/{number}/explain",
        "Why a recorded request was answered as it was",
    ),
    _row(
        "match",
        "POST",
        _NS + "/match",
        "Which stub would answer a request, and why; nothing changes",
        body="required",
    ),
    _row("list_orphans", "GET", "/orphans", "Requests that named no live namespace"),
    _row("delete_orphans", "DELETE", "/orphans", "Forget them", 204),
)

BY_NAME: Final = {row.name: row for row in ROWS}
