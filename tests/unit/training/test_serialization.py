"""Model files: closed list of types, no other loader, nothing of the machine in them."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from include.errors import BadInput, PackageTampered
from include.training import stored
from include.training.fit import fit
from include.training.serialization import SCHEMA, dumps, loads

pytestmark = pytest.mark.steps


class Opened:
    """Pickles to a call: what a hostile file would do."""

    def __reduce__(self):
        return (print, ("opened",))


def rewritten(data: bytes, change) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    schema = json.loads(source.read(SCHEMA))
    change(schema)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in source.namelist():
            body = json.dumps(schema).encode() if name == SCHEMA else source.read(name)
            archive.writestr(name, body)
    return buffer.getvalue()


class TestSerialization:
    def test_type_off_the_list_is_not_written(self, toy):
        neighbours = KNeighborsClassifier(1).fit([[0], [1]], [0, 1])
        with pytest.raises(BadInput, match="types that are not on the list"):
            dumps(Pipeline([("model", neighbours)]))

    def test_type_off_the_list_is_not_read(self, toy):
        def change(schema):
            schema["__module__"], schema["__class__"] = "os", "system"

        data = rewritten(dumps(fit(toy.spec(), toy.rows()).model.pipeline), change)
        with pytest.raises(BadInput, match=r"os\.system"):
            loads(data)

    def test_type_of_scikit_learn_off_the_list_is_not_read(self, toy):
        def change(schema):
            schema["__module__"], schema["__class__"] = "sklearn.svm._classes", "NuSVC"

        data = rewritten(dumps(fit(toy.spec(), toy.rows()).model.pipeline), change)
        with pytest.raises(BadInput, match="NuSVC"):
            loads(data)

    @pytest.mark.parametrize("data", [b"", b"nonsense", pickle.dumps(Opened())])
    def test_anything_else_is_refused_and_not_run(self, data, capsys):
        with pytest.raises(BadInput, match="not a skops file"):
            loads(data)
        assert capsys.readouterr().out == ""

    def test_file_holds_no_address_and_no_time(self, toy):
        data = dumps(fit(toy.spec(), toy.rows()).model.pipeline)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            numbers = [
                node["__id__"]
                for node in _nodes(json.loads(archive.read(SCHEMA)))
                if "__id__" in node
            ]
        assert max(numbers) < 10_000


class TestStored:
    def test_round_trip(self, toy, tmp_path):
        model = fit(toy.spec(), toy.rows()).model
        document = stored.write(model, toy.spec(), "d", tmp_path)
        again, read = stored.read(tmp_path)
        assert read == document
        assert again.classes == model.classes
        assert (again.predict(toy.rows()).values == model.predict(toy.rows()).values).all()

    def test_changed_model_file_is_named(self, toy, tmp_path):
        stored.write(fit(toy.spec(), toy.rows()).model, toy.spec(), "d", tmp_path)
        path = tmp_path / stored.SKOPS
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(PackageTampered, match=stored.SKOPS):
            stored.read(tmp_path)

    def test_missing_document(self, tmp_path):
        with pytest.raises(BadInput, match="no stored model"):
            stored.read(tmp_path)


def _nodes(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)
