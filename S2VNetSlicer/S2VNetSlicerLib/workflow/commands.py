"""What all commands of the presenter have in common."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, overload

from ..errors import UserError

P = ParamSpec("P")


@overload
def command(
    method: Callable[Concatenate[Any, P], None], part: str = ""
) -> Callable[Concatenate[Any, P], bool]: ...
@overload
def command(
    method: Callable[Concatenate[Any, P], str], part: str = ""
) -> Callable[Concatenate[Any, P], str]: ...
def command(method: Callable[..., Any], part: str = "") -> Callable[..., Any]:
    """Make a command of a presenter's method, or of one of the ``part`` that it holds.

    A command never raises: it returns False (or an empty string) and the message says why. One
    inside another is a part of it.
    """

    @functools.wraps(method)
    def run(presenter: Any, *args: Any, **kwargs: Any) -> Any:
        doer = getattr(presenter, part) if part else presenter
        if presenter.commanded:
            return method(doer, *args, **kwargs)
        message = presenter.message
        presenter.commanded = True
        message.clear()
        try:
            presenter.sync_scene()
            result = method(doer, *args, **kwargs)
            return True if result is None else result
        except UserError as error:
            message.fail(str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", method.__name__)
            presenter.session.invalidate()
            name = method.__name__.replace("_", " ").capitalize()
            message.fail(str(UserError("{name} could not be done", error, name=name)))
        finally:
            presenter.commanded = False
            presenter.publish()
        return "" if method.__annotations__.get("return") == "str" else False

    return run
