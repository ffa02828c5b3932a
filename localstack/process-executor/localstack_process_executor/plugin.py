"""What LocalStack loads: the executor (LAMBDA_RUNTIME_EXECUTOR=process) and three hooks.

Imports of LocalStack's services are inside the functions, because LocalStack reads this module
long before it needs them.
"""

import os
import tempfile
import threading

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from localstack_process_executor.runtime_process import RuntimeProcess

# All that this LocalStack writes: given by those who want it gone together with themselves.
STATE_DIRECTORY = os.environ.get("PROCESS_EXECUTOR_STATE_DIRECTORY")


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *args, **kwargs):
        from localstack_process_executor import sqs_poller
        from localstack_process_executor.executor import ProcessRuntimeExecutor

        sqs_poller.install()
        return ProcessRuntimeExecutor


@hooks.on_infra_start()
def keep_objects_with_the_state() -> None:
    """Stock LocalStack keeps them in one directory of /tmp: they stay, and block other users."""
    from localstack.services.s3 import provider

    provider.DEFAULT_S3_TMP_DIR = os.path.join(tempfile.gettempdir(), "s3")


@hooks.on_infra_start()
def start_environments_at_once() -> None:
    """Before there is a Lambda service: it makes its dictionaries when it starts."""
    from localstack_process_executor import environments

    environments.install()


@hooks.on_infra_start(should_load=lambda: STATE_DIRECTORY is not None)
def end_with_stdin() -> None:
    """End as soon as standard input closes, so that LocalStack never outlives who started it."""
    threading.Thread(target=_wait_and_end, name="end-with-stdin", daemon=True).start()


def _wait_and_end() -> None:
    while os.read(0, 1):
        pass
    RuntimeProcess.kill_all()
    # An orderly shutdown takes seconds. This replaces the process at once, with all threads that
    # might still write.
    os.execvp("rm", ["rm", "-rf", STATE_DIRECTORY])
