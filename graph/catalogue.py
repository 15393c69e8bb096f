"""All models: every `.cypher` file under the shipped `cypher/models` and the data office's own `models`.

Dropping a file in is the registration. Files are looked at on every call and parsed again only when they changed,
so a running service has a new model at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from graph.fault import Fault
from graph.lint import doubts, refusals
from graph.model import Model, ModelError, read
from graph.words import Words, words
from resolution.source_files import SourceError

_Stamp = tuple[int, int, Words | None]
_parsed: dict[Path, tuple[_Stamp, Model | ModelError, list[Fault]]] = {}


@dataclass(frozen=True)
class Catalogue(Mapping[str, Model]):
    """Models by id, what is wrong with the files that could not be taken up, and what the others should mend."""

    models: dict[str, Model]
    faults: list[Fault]
    doubts: list[Fault] = field(default_factory=list)

    def __getitem__(self, model_id: str) -> Model:
        return self.models[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def select(self, wanted: list[str] | None) -> list[Model]:
        """The models with these ids or slugs, all when none is named.

        Raises KeyError, whose message names the models that there are.
        """
        if not wanted:
            return list(self.models.values())
        names = {**{model.slug: model for model in self.models.values()}, **self.models}
        if unknown := [name for name in wanted if name not in names]:
            raise KeyError(f"no model {', '.join(unknown)}; there are: {', '.join(self.models)}")
        return list({names[name].id: names[name] for name in wanted}.values())


def catalogue(folders: list[Path] | None = None) -> Catalogue:
    """The models of these folders, a later folder's lying over an earlier one's of the same id.

    The default is what ships with the service and, over it, `$CLUEGRAPH_CONFIG/models`.
    """
    models: dict[str, Model] = {}
    faults: list[Fault] = []
    known = _words()
    unsure: dict[Path, list[Fault]] = {}
    for folder in folders or default_folders():
        own: dict[str, Model] = {}
        for path in sorted(folder.rglob("*.cypher")):
            model, unsure[path] = _read(path, known)
            if isinstance(model, ModelError):
                faults += model.faults
            elif model.id in own:
                faults.append(Fault(path, 2, f"give another id: {model.id} is {own[model.id].path.name}"))
            else:
                own[model.id] = model
        models |= own
    slugs: dict[str, str] = {}
    for model in models.values():
        if slugs.setdefault(model.slug, model.id) != model.id:
            faults.append(Fault(model.path, 3, f"give another slug: {model.slug} is that of {slugs[model.slug]}"))
    told = [fault for model in models.values() for fault in unsure[model.path]]
    return Catalogue(dict(sorted(models.items())), faults, told)


def beneath(model: Model) -> Model | None:
    """The shipped model that an office's own file of the same id lies over; None where it lies over none."""
    shipped = default_folders()[0]
    return None if model.path.is_relative_to(shipped) else catalogue([shipped]).get(model.id)


def default_folders() -> list[Path]:
    """The shipped models, and the data office's own."""
    folders = [Path(str(files("cypher"))) / "models"]
    if config := os.environ.get("CLUEGRAPH_CONFIG"):
        folders.append(Path(config) / "models")
    return folders


def checked(path: Path, known: Words | None) -> tuple[Model, list[Fault]]:
    """The model in a file, and what it should mend. Without `known` nothing is held against the graph's words.

    Raises ModelError with every fault for which it cannot be used.
    """
    model = read(path)
    if known is None:
        return model, []
    if faults := refusals(model, known):
        raise ModelError(faults)
    return model, doubts(model, known)


def _read(path: Path, known: Words | None) -> tuple[Model | ModelError, list[Fault]]:
    status = path.stat()
    stamp = (status.st_mtime_ns, status.st_size, known)
    if path not in _parsed or _parsed[path][0] != stamp:
        try:
            _parsed[path] = (stamp, *checked(path, known))
        except ModelError as error:
            _parsed[path] = (stamp, error, [])
    return _parsed[path][1:]


def _words() -> Words | None:
    """The graph's words; None while a source cannot be read, which `config check` tells."""
    try:
        return words()
    except SourceError:
        return None
