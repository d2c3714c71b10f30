"""Small JSON files that the package wrote, which a full disk or a killed copy may have cut off."""

import json
import os
import pathlib

from intelvae_keras._engine.damaged import DamagedFile


def read(path: str | os.PathLike, remedy: str) -> dict:
    """The content of a file, a dict.

    Args:
        path: The file.
        remedy: What to do where it is damaged, for the message.

    Raises:
        FileNotFoundError: If there is none. It names the file and the remedy.
        DamagedFile: If it is damaged. So does this.
    """
    path = pathlib.Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf8"))
        if not isinstance(content, dict):
            raise ValueError(f"it holds a {type(content).__name__} in place of a dict")
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is missing; {remedy}.") from error
    except (ValueError, RecursionError) as error:  # JSON's, and that of bytes that are no UTF-8
        raise DamagedFile(f"{path} is damaged: {error}; {remedy}.") from error
    return content
