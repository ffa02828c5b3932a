"""Runs each Lambda execution environment as a local process.

LocalStack makes one executor for each environment and gives it one invocation at a time. A process
that timed out, crashed or could not load its function is replaced at the next invocation, as AWS
does; until then it stays warm.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from localstack_process_executor.runtime_process import RuntimeFailure, RuntimeProcess

NODE = os.environ.get("LAMBDA_PROCESS_NODE", "node")
# A node_modules folder with what AWS has on board for functions that do not bundle it.
NODE_MODULES = os.environ.get("LAMBDA_PROCESS_NODE_MODULES", "")
# Where functions write temporary files; empty: each environment has a directory of its own.
TMPDIR = os.environ.get("LAMBDA_PROCESS_TMPDIR", "")
INIT_SECONDS = 10


class ProcessRuntimeExecutor(RuntimeExecutor):
    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._directory = Path(tempfile.mkdtemp(prefix="environment-"))
        self._log_path = self._directory / "log"
        self._log_offset = 0  # what the function wrote up to here has been passed on
        self._env: dict[str, str] = {}
        self._process: RuntimeProcess | None = None
        self._stopped = False

    def start(self, env_vars: dict[str, str]) -> None:
        """The process itself starts with the first invocation, which then can report a failure."""
        config = self.function_version.config
        self._env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "HOME": str(self._directory),
            "TMPDIR": TMPDIR or str(self._directory),
            "NODE_PATH": NODE_MODULES,
            **{name: str(value) for name, value in env_vars.items()},
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.runtime}",
            "LAMBDA_TASK_ROOT": str(config.code.get_unzipped_code_location()),
        }

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        timeout = self.function_version.config.timeout
        start = time.time()
        failed = False
        try:
            process = self._ready_process(max(timeout, INIT_SECONDS))
            start = time.time()
            invocation = {
                "requestId": request_id,
                "functionArn": payload["invoked-function-arn"],
                "traceId": payload["trace-id"],
                "deadlineMs": int((start + timeout) * 1000),
                "event": payload["payload"],
            }
            body = process.invoke(invocation, timeout)
        except RuntimeFailure as failure:
            failed, body = True, failure.body
        ms = (time.time() - start) * 1000
        logs = (
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
            f"{self._new_output()}"
            f"{f'{request_id} {body}' if failed else ''}\n"
            f"END RequestId: {request_id}\n"
            f"REPORT RequestId: {request_id}\tDuration: {ms:.2f} ms\t"
            f"Billed Duration: {int(ms) + 1} ms\t"
            f"Memory Size: {self.function_version.config.memory_size} MB\n"
        )
        return InvocationResult(request_id, body.encode(), is_error=failed, logs=logs)

    def stop(self) -> None:
        self._stopped = True
        if self._process:
            self._process.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def get_logs(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return ""  # for LocalStack's own runtime, which is not used here

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        runtime = function_version.config.runtime or "container image"
        if not runtime.startswith("nodejs"):
            raise NotImplementedError(f"The process executor cannot run {runtime} functions")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass  # LocalStack removes the unpacked code

    def _ready_process(self, timeout: float) -> RuntimeProcess:
        if self._process and self._process.is_running():
            return self._process
        if self._stopped:
            raise RuntimeFailure.of("Sandbox.Failure", "The execution environment has been stopped")
        heap_limit = f"--max-old-space-size={self.function_version.config.memory_size}"
        code = Path(self._env["LAMBDA_TASK_ROOT"])
        self._process = RuntimeProcess([NODE, heap_limit], self._env, code, self._log_path)
        self._process.wait_until_ready(timeout)
        return self._process

    def _new_output(self) -> str:
        """What the function wrote since the last call. It writes before it responds: none is late."""
        try:
            with self._log_path.open("rb") as log:
                log.seek(self._log_offset)
                output = log.read()
        except FileNotFoundError:  # stopped meanwhile
            return ""
        self._log_offset += len(output)
        return output.decode(errors="replace")
