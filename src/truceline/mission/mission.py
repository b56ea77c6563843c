"""One mission: an agreement, what was taken in, what was found, and the ledger that proves it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from truceline.agreement import load_agreement
from truceline.errors import InputError, LedgerError
from truceline.ledger.checkpoint import Checkpoint
from truceline.ledger.note import Verifier
from truceline.ledger.verify import Fault, Verification
from truceline.mission import agreement as agreement_files
from truceline.mission.custody import (
    FileSummary,
    IngestSummary,
    Issue,
    Published,
    ReportForm,
    export,
    report_bytes,
    take_in,
)
from truceline.mission.keys import MissionKeys, read_keys, write_keys
from truceline.mission.log import Log
from truceline.mission.reading import Asked, Evidence, gathered, latest_readings, read_again
from truceline.mission.records import agreement_record, mission_record, recorded_finding
from truceline.mission.settings import (
    FILE_NAME,
    MissionSettings,
    begin_folder,
    need_room,
    new_settings,
    read_settings,
    settings_text,
)
from truceline.mission.shipped import agreement_path
from truceline.model.agreement import Agreement
from truceline.model.finding import CheckResult
from truceline.rules import check_reports, check_tracks
from truceline.store.store import Store
from truceline.timebase import Clock, Interval, SystemClock

REPORTS_NAME = "reports"


class Mission:
    """A mission folder, opened. Begin one with :meth:`create`, open one with :meth:`open`.

    Without the secret keys (a copy for a third party, say) it can be read, checked and verified, and nothing
    is recorded.

    Examples
    --------
    >>> mission = Mission.create("winter", title="Winter 2020", agreement="ne-syria-2020",
    ...                          author="Operations room")  # doctest: +SKIP
    >>> mission.ingest(["patrol.gpx"], options={"party": "usa"}).dropped_count  # doctest: +SKIP
    0
    >>> mission.check().verdict  # doctest: +SKIP
    <Verdict.BREACH: 'BREACH'>
    >>> mission.publish().path  # doctest: +SKIP
    """

    def __init__(
        self,
        folder: Path,
        settings: MissionSettings,
        verifier: Verifier,
        keys: MissionKeys | None,
        clock: Clock,
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.store = Store(folder, verifier=verifier, signer=keys.signer if keys else None)
        self._keys = keys
        self._log = Log(self.store, keys=keys, author=settings.author, clock=clock)

    # ------------------------------------------------------------ begin and open

    @classmethod
    def create(
        cls,
        folder: str | Path,
        *,
        title: str,
        agreement: str | Path,
        author: str,
        zone: str | None = None,
        exercise: bool = False,
        clock: Clock | None = None,
        keys: MissionKeys | None = None,
    ) -> Mission:
        """Begin a mission in a folder that is not there yet, or is empty.

        Parameters
        ----------
        folder : path
            Where it shall lie.
        title : str
            What it is called.
        agreement : path or str
            An agreement file, a folder that holds ``agreement.yaml``, or the name of a shipped one. It is
            copied into the mission with the GeoJSON it refers to.
        author : str
            Who records; stands in every entry.
        zone : str, optional
            IANA zone of the local time shown beside UTC; the agreement's where left out, else UTC.
        exercise : bool
            Everything in it was made for an exercise. An agreement made for one makes the mission one.
        clock : Clock, optional
            Whose time entries carry; the machine's where left out.
        keys : MissionKeys, optional
            New ones where left out.

        Raises
        ------
        UsageError
            Code ``exists``: something is there already; ``unwritable``; ``settings``: no such zone, or no name.
        InputError, DocumentError
            The agreement is not there or does not stand; then nothing is written.
        """
        where, source = Path(folder), agreement_path(agreement)
        held = load_agreement(source)
        need_room(where, hint="name another folder, or open the mission that is there")
        settings = new_settings(
            title=title,
            zone=zone or held.zone or "UTC",
            exercise=exercise or held.exercise,
            author=author,
            agreement=f"{agreement_files.FOLDER_NAME}/{source.resolve().name}",
        )
        begin_folder(where)
        agreement_files.copy_agreement(source, where)
        chosen = keys or MissionKeys.new()
        write_keys(where, chosen)
        (where / REPORTS_NAME).mkdir()
        (where / FILE_NAME).write_text(settings_text(settings), encoding="utf-8")
        mission = cls(where, settings, chosen.signer.verifier, chosen, clock or SystemClock())
        begun = mission_record(
            title=title, zone=settings.zone, exercise=settings.exercise, origin=chosen.signer.name
        )
        originals = agreement_files.keep_agreement(mission.store, mission._agreement_path)
        mission._log.record([("note", begun), ("agreement", agreement_record(held, originals))])
        return mission

    @classmethod
    def open(cls, folder: str | Path, *, clock: Clock | None = None) -> Mission:
        """Open a mission.

        Raises
        ------
        InputError
            Code ``not-a-mission``, or the store was made by a newer Truceline.
        DocumentError
            Every mistake of ``mission.yaml``.
        LedgerError
            A key file is missing or damaged, or the database cannot be opened.
        """
        where = Path(folder)
        settings = read_settings(where)
        verifier, keys = read_keys(where)
        return cls(where, settings, verifier, keys, clock or SystemClock())

    # ------------------------------------------------------------ what it is

    @property
    def title(self) -> str:
        """What it is called."""
        return self.settings.title

    @property
    def exercise(self) -> bool:
        """Whether it is an exercise: where the ledger or ``mission.yaml`` says so."""
        begun = self._log.begun()
        return self.settings.exercise or (begun is not None and bool(begun[1]["exercise"]))

    @property
    def read_only(self) -> bool:
        """Whether the secret keys are not here."""
        return self._log.read_only

    def agreement(self) -> Agreement:
        """The agreement in force, as recorded.

        Raises
        ------
        LedgerError
            Code ``agreement`` where the working copy is not what was recorded, ``withheld`` where the record
            of it is not here.
        """
        index, _, record = self._log.agreed()
        return agreement_files.load_recorded(index, record["originals"], self._agreement_path)

    def head(self) -> Checkpoint:
        """Size and root of the ledger; see :meth:`truceline.store.store.Store.head`."""
        return self.store.head()

    # ------------------------------------------------------------ taking in

    def ingest(
        self,
        paths: Iterable[str | Path] | None = None,
        *,
        format: str | None = None,
        mapping: str | Path | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> IngestSummary:
        """Take in files: keep each byte for byte, read it, and record what it gave and what was dropped.

        Parameters
        ----------
        paths : iterable of path, optional
            The files; where left out, the ``sources`` of ``mission.yaml``.
        format : str, optional
            Format id; recognised where left out.
        mapping : path, optional
            The mapping file, kept too.
        options : mapping, optional
            Options of the format, such as ``{"party": "usa", "accuracy": "15 m"}``.

        Returns
        -------
        IngestSummary
            A file that cannot be read is kept and recorded as unreadable, and does not stop the others. Of
            several readings of the same bytes the last that succeeded is the one checked.

        Raises
        ------
        InputError
            A file is not there, or the mapping does not stand. What was taken in before it stays.
        UsageError
            An option the format does not have, or the mission is read-only.
        """
        self._log.need_keys()
        if paths is None:
            return self._ingest_sources()
        files = [Path(path) for path in paths]
        absent = [str(path) for path in files if not path.is_file()]
        if absent:
            hint = (
                "a folder is not taken in whole: name its files"
                if Path(absent[0]).is_dir()
                else "check the path"
            )
            raise InputError(f"no such file: {', '.join(absent)}", hint=hint, code="no-file")
        given = {key: value for key, value in (options or {}).items() if value is not None}
        named = given.pop("mapping", None) if mapping is None else mapping
        mapped = Path(named) if named is not None else None
        asked = Asked(
            format=format,
            mapping=mapped,
            mapping_sha256=self.store.put_original(mapped) if mapped is not None else None,
            options=given,
            exercise=self.exercise,
        )
        return IngestSummary(files=tuple(take_in(self._log, files, asked)))

    def _ingest_sources(self) -> IngestSummary:
        taken: list[FileSummary] = []
        for source in self.settings.sources:
            found = sorted(self.folder.glob(source.path))
            if not found:
                hint = "the path counts from the mission folder"
                raise InputError(f"sources: no file matches {source.path!r}", hint=hint, code="no-file")
            mapping = self.folder / source.mapping if source.mapping else None
            summary = self.ingest(found, format=source.format, mapping=mapping, options=source.options)
            taken += summary.files
        return IngestSummary(files=tuple(taken))

    # ------------------------------------------------------------ checking

    def evidence(self) -> Evidence:
        """Everything taken in, read again from the originals: what :meth:`check` checks.

        Raises
        ------
        LedgerError
            An original is missing or was changed, or a record is not what its entry commits to.
        """
        held, withheld = self._log.contents("file")
        good, notes = latest_readings(held)
        notes += [
            f"the record of the file of entry {index} is withheld; it is not checked" for index in withheld
        ]
        return gathered((read_again(self.store, record) for record in good), notes)

    def check(self) -> CheckResult:
        """Check everything taken in against the agreement, and record each finding once.

        The answer depends on the ledger alone: the same entries give the same findings. Nothing is recorded
        where the mission is read-only.

        Raises
        ------
        LedgerError
            As :meth:`agreement` and :meth:`evidence`.
        """
        return self._check(self.agreement(), self.evidence())

    def _check(self, held: Agreement, evidence: Evidence) -> CheckResult:
        result = check_tracks(held, evidence.tracks, paths=evidence.paths)
        result = result.merged_with(check_reports(held, evidence.reports))
        result = replace(
            result, dropped=result.dropped + evidence.dropped, notes=result.notes + evidence.notes
        )
        if not self.read_only:
            _, commitment, _ = self._log.agreed()
            found = [
                recorded_finding(item, agreement_sha256=held.sha256, agreement_commitment=commitment.hex())
                for item in result.findings
            ]
            self._log.record([("finding", item) for item in found], once=True)
        return result

    # ------------------------------------------------------------ giving out

    def publish(
        self,
        out: str | Path | None = None,
        *,
        form: ReportForm = "html",
        period: Interval | None = None,
        title: str = "",
        number: str = "",
    ) -> Published:
        """Check, write the report as one file, and record that it was given out.

        It carries the head of the ledger as it was before the export itself was recorded.

        Parameters
        ----------
        out : path, optional
            Where to write; ``reports/report-N.html`` in the mission where left out, N the ledger's size.
        form : {"html", "json"}
            A page for people, or the same numbers as data (:func:`truceline.views.data.result_record`).
        period : Interval, optional
            What the counts are about.
        title, number : str
            Heading and number of the report.

        Raises
        ------
        UsageError
            The mission is read-only: what leaves it must be recorded.
        LedgerError
            As :meth:`check`.
        """
        self._log.need_keys()
        held, evidence = self.agreement(), self.evidence()
        result = self._check(held, evidence)
        head, now_us = self.head(), self._log.now_us()
        issue = Issue(
            title=title or self.title,
            number=number,
            period=period,
            zone=self.settings.zone,
            exercise=self.exercise,
            issued_us=now_us,
            head=head,
        )
        written = report_bytes(issue, held, result, evidence=evidence, form=form)
        path = Path(out) if out is not None else self.folder / REPORTS_NAME / f"report-{head.size}.{form}"
        sha256 = export(self._log, path, written, head=head, as_of_us=now_us)
        return Published(path=path, sha256=sha256, head=head, result=result)

    # ------------------------------------------------------------ proving

    def verify(self) -> Verification:
        """Find and name whatever is not as it was recorded: ledger, records, originals, agreement, settings.

        Nothing is raised for what is found; it is in ``faults``.
        """
        found = self.store.verify(mission_key=self._keys.mission_key if self._keys else None)
        return replace(found, faults=found.faults + tuple(self._folder_faults(found)))

    def _folder_faults(self, found: Verification) -> list[Fault]:
        """What lies in the folder against what the ledger says of it, where the ledger itself can be read."""
        try:
            index, _, agreed = self._log.agreed()
            begun = self._log.begun()
        except LedgerError as error:
            return [Fault(None, "agreement", error.message)] if found.ok and not found.withheld else []
        faults = agreement_files.agreement_faults(index, agreed["originals"], self._agreement_path)
        if begun is None:
            return faults
        first, recorded = begun
        for name in ("zone", "exercise"):
            now, then = json.dumps(getattr(self.settings, name)), json.dumps(recorded[name])
            if now != then:
                said = f"{FILE_NAME} says {name}: {now}, and {then} was recorded"
                faults.append(Fault(first, "settings", said))
        return faults

    @property
    def _agreement_path(self) -> Path:
        return self.folder / self.settings.agreement
