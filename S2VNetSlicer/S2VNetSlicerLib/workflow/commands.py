"""What all commands of the presenter have in common."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from ..errors import UserError

P = ParamSpec("P")


class Commanded(Protocol):
    """What a class with commands has."""

    message: str
    failure: str
    depth: int

    def publish(self) -> None: ...

    def invalidate_session(self) -> None: ...

    def sync_scene(self) -> None: ...


C = TypeVar("C", bound=Commanded)


@overload
def command(method: Callable[Concatenate[C, P], None]) -> Callable[Concatenate[C, P], bool]: ...
@overload
def command(method: Callable[Concatenate[C, P], str]) -> Callable[Concatenate[C, P], str]: ...
def command(method: Callable[..., Any]) -> Callable[..., Any]:
    """A command never raises: it returns False (or an empty string) and ``message`` says why.

    A command inside another one is part of it.
    """

    @functools.wraps(method)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.depth:
            return method(self, *args, **kwargs)
        self.depth, self.message = 1, ""
        try:
            self.sync_scene()
            result = method(self, *args, **kwargs)
            return True if result is None else result
        except UserError as error:
            self.message = self.failure = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("%s failed", method.__name__)
            self.invalidate_session()
            name = method.__name__.replace("_", " ").capitalize()
            self.message = self.failure = str(
                UserError("{name} could not be done", error, name=name)
            )
        finally:
            self.depth = 0
            self.publish()
        return "" if method.__annotations__.get("return") == "str" else False

    return run
