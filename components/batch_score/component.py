"""Score a table or a prefix."""

from kfp import dsl

from headstart.components.image import IMAGE


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def batch_score(
    model: str,
    source: str,
    registry: str,
    out: str,
    text: str,
    shadow: str,
    scores: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    summary: dsl.Output[dsl.Markdown],
    report: dsl.Output[dsl.HTML],
) -> str:
    """Label every text of a file, a folder or a prefix as Parquet, and say whether the texts drifted; resumable.

    Args:
        model: The model as name@alias or name@number.
        source: The texts: a .txt, .csv, .json, .jsonl or .parquet file, or a prefix of such.
        registry: Where the model is: an s3:// prefix.
        out: Where the answers go: an s3:// prefix.
        text: The field that holds the text; auto derives it.
        shadow: The alias or number of another version that answers the same texts, to be compared; empty for none.
        scores: The account of the answers, with where they are.
        metrics: How many rows, how many of each label, how probable drift is by chance, how often the shadow disagrees.
        summary: The same for people.
        report: The answers, the drift and the shadow's disagreement, as a page.

    Returns:
        Where the answers are.
    """
    from headstart.schedules import calls

    return calls.batch_score(model, source, registry, out, text, shadow, [scores, metrics, summary, report])
