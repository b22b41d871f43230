"""What a spec cannot ask of a format whose labels are names and whose fields have none."""

from headstart.errors import DataError
from headstart.labels.records import Ask
from headstart.labels.sources.files import SourceFile
from headstart.labels.tables.fields import unknown


def check(file: SourceFile, ask: Ask) -> None:
    """Refuse what cannot be read.

    Raises:
        DataError: The task's labels are no names, or the spec names a field.
    """
    if ask.kind not in (None, "names"):
        problem = f"it holds names of labels, and {ask.task} takes others."
        remedy = "Set task to text-classification or multi-label, or leave it out."
        raise DataError("data/unknown-field", problem, remedy=remedy, where=file.name)
    wanted = [(kind, name) for kind, name in ask.fields.model_dump().items() if name != "auto"]
    for kind, name in (*wanted, ("group", ask.group_by), ("time", ask.time)):
        if name is not None:
            raise unknown(kind, name, (), file.name)
