"""The one exception that reaches a user."""


class UserError(ValueError):
    """A failure told to the user as it is: one sentence that names the thing and the remedy."""
