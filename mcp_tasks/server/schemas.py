"""The JSON schemas of the tools, in as few words as tell the same: each conversation of each client pays for them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

_DEFINED = "#/$defs/"
_REFUSAL = {
    "code": {"type": "string", "description": "Only of a refused call: why"},
    "message": {"type": "string"},
}


def schema_of_arguments(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of what a tool takes."""
    schema = model.model_json_schema(schema_generator=_Short)
    schema.pop("description", None)  # the tool has its own
    return schema


def schema_of_answer(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of what a tool answers, or of a refused call: clients in TypeScript hold refusals against it as well.

    The answer's fields stay at the top, for not every host looks into alternatives.
    """
    answer = model.model_json_schema(mode="serialization", schema_generator=_ShortAndOpen)
    answer.pop("additionalProperties", None)
    either = [{"required": answer.pop("required")}, {"required": list(_REFUSAL)}]
    return {**answer, "properties": {**answer["properties"], **_REFUSAL}, "anyOf": either}


class _Short(GenerateJsonSchema):
    """Without titles, null as a default, definitions that are used once, and what docstrings tell maintainers.

    What may be null has a list of types where it can: that costs a validator less than alternatives, too.
    """

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        whole = super().generate(schema, mode)
        definitions: dict[str, dict[str, Any]] = whole.pop("$defs", {})
        for part in (whole, *definitions.values()):
            part.pop("title", None)
        for part in definitions.values():
            self.shorten(part)
        return _with_definitions(whole, definitions)

    def shorten(self, part: dict[str, Any]) -> None:
        """Of a class, the first sentences are for whoever fills it in; of an enumeration, not even these."""
        said = part.pop("description", "").partition("\n\n")[0].replace("\n", " ")
        if said and "properties" in part:
            part["description"] = said

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if key != "default" or value is not None}

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return _or_null(self.generate_inner(schema["schema"]))


class _ShortAndOpen(_Short):
    """For answers. They may get more fields in a later version, and clients hold them against schemas they have kept.

    What a field of an answer means is told with the field, or its name tells it.
    """

    def shorten(self, part: dict[str, Any]) -> None:
        part.pop("description", None)
        part.pop("additionalProperties", None)


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema allows, or null."""
    match schema:
        case {"anyOf": alternatives}:
            return {**schema, "anyOf": [*alternatives, {"type": "null"}]}
        case {"enum": values, "type": str(kind)}:
            return {**schema, "enum": [*values, None], "type": [kind, "null"]}
        case {"type": str(kind)}:
            return {**schema, "type": [kind, "null"]}
        case {"type": [*kinds]}:
            return {**schema, "type": [*kinds, "null"]}
        case _:
            return {"anyOf": [{"type": "null"}, schema]}


def _with_definitions(schema: dict[str, Any], definitions: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The schema with those definitions beside it that it refers to more than once, and the others in their places."""
    uses = Counter(name for part in (schema, *definitions.values()) for name in _references(part))
    once = {name: part for name, part in definitions.items() if uses[name] == 1}
    kept = {name: _in_place(part, once) for name, part in definitions.items() if name not in once}
    return ({"$defs": kept} if kept else {}) | _in_place(schema, once)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in cast(dict[str, Any], node).items():
            yield from [value.removeprefix(_DEFINED)] if key == "$ref" else _references(value)
    elif isinstance(node, list):
        for value in cast(list[Any], node):
            yield from _references(value)


def _in_place(node: Any, definitions: Mapping[str, dict[str, Any]]) -> Any:
    if isinstance(node, list):
        return [_in_place(value, definitions) for value in cast(list[Any], node)]
    if not isinstance(node, dict):
        return node
    said = {key: _in_place(value, definitions) for key, value in cast(dict[str, Any], node).items()}
    name = str(said.get("$ref", "")).removeprefix(_DEFINED)
    if name not in definitions:
        return said
    del said["$ref"]
    return {**_in_place(definitions[name], definitions), **said}
