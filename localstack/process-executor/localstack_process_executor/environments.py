"""A function's environments, which several threads look through and add to.

LocalStack looks through them for a free one by a generator. With several batches at once (see
sqs_poller) another thread may add one meanwhile, which Python refuses: "dictionary changed size
during iteration". The invocation fails, and its message is hidden for its visibility timeout.
"""

from collections import defaultdict


class Environments(dict):
    """Environments by id. Who looks through them sees those that there were at the beginning."""

    def values(self):
        return list(super().values())


def install() -> None:
    """Have LocalStack keep environments in such dictionaries, from its next Lambda service on."""
    from localstack.services.lambda_.invocation.assignment import AssignmentService

    stock_init = AssignmentService.__init__

    def __init__(self):
        stock_init(self)
        self.environments = defaultdict(Environments)

    AssignmentService.__init__ = __init__
