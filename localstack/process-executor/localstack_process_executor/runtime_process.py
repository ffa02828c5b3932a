"""A Node.js process that runs one Lambda function, and the two pipes that connect it.

It reads invocations from standard input and writes reports to a second pipe, one a line: a kind
(ready, response, error, fatal), a space and a JSON text. When its standard input closes it ends, so
no process outlives LocalStack. See runtime.mjs for the other side.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import weakref
from pathlib import Path

RUNTIME = Path(__file__).with_name("runtime.mjs")
MAX_RESPONSE_BYTES = 6 * 1024 * 1024


class RuntimeFailure(Exception):
    """An invocation that failed; ``body`` is the JSON error that its caller gets."""

    def __init__(self, body: str) -> None:
        super().__init__(body)
        self.body = body

    @classmethod
    def of(cls, error_type: str, message: str) -> "RuntimeFailure":
        return cls(json.dumps({"errorType": error_type, "errorMessage": message}))


class RuntimeProcess:
    _all: "weakref.WeakSet[RuntimeProcess]" = weakref.WeakSet()

    def __init__(self, node: list[str], env: dict[str, str], cwd: Path, log_path: Path) -> None:
        self._reports: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        reports, report_end = os.pipe()
        try:
            with log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    [*node, str(RUNTIME), str(report_end)],
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    pass_fds=[report_end],
                    start_new_session=True,  # what the function starts can be ended with it
                )
        except OSError:
            os.close(reports)
            raise
        finally:
            os.close(report_end)
        self._all.add(self)
        threading.Thread(target=self._collect, args=(reports,), daemon=True).start()

    @classmethod
    def kill_all(cls) -> None:
        for process in list(cls._all):
            process.kill()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, timeout: float) -> None:
        """Wait until the function is loaded; raises RuntimeFailure."""
        self._expect("ready", timeout)

    def invoke(self, invocation: dict, timeout: float) -> str:
        """Return the function's response as JSON; raises RuntimeFailure."""
        try:
            self._process.stdin.write(json.dumps(invocation).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # the process has ended, or was killed: the next report says so
        body = self._expect("response", timeout)
        if len(body.encode()) > MAX_RESPONSE_BYTES:
            raise RuntimeFailure.of(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
            )
        return body

    def kill(self) -> None:
        """End the process and everything that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _expect(self, wanted: str, timeout: float) -> str:
        try:
            kind, body = self._reports.get(timeout=timeout)
        except queue.Empty:
            self.kill()
            raise RuntimeFailure.of(
                "Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds"
            ) from None
        if kind == wanted:
            return body
        if kind != "error":  # after an error of the handler the process goes on
            self.kill()
        raise RuntimeFailure(body)

    def _collect(self, reports: int) -> None:
        with open(reports, encoding="utf-8", newline="\n") as lines:
            for line in lines:
                kind, _, body = line.rstrip("\n").partition(" ")
                self._reports.put((kind, body))
        failure = RuntimeFailure.of(
            "Runtime.ExitError", f"Runtime exited with error: {_status(self._process.wait())}"
        )
        self._reports.put(("exit", failure.body))


def _status(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"
