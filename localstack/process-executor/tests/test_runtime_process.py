"""Runs functions without LocalStack: python -m unittest discover --start-directory tests"""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from localstack_process_executor.runtime_process import RuntimeFailure, RuntimeProcess  # noqa: E402

NODE = os.environ.get("LAMBDA_PROCESS_NODE", "node")


class RuntimeProcessTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, code: str, file: str = "index.mjs", **env: str) -> RuntimeProcess:
        (self.directory / file).write_text(code)
        base = {"PATH": os.environ["PATH"], "LAMBDA_TASK_ROOT": str(self.directory)}
        process = RuntimeProcess(
            [NODE],
            base | {"_HANDLER": "index.handler"} | env,
            self.directory,
            self.directory / "log",
        )
        self.addCleanup(process.kill)
        return process

    def invoke(self, process: RuntimeProcess, event: object = None, timeout: float = 10) -> object:
        invocation = {
            "requestId": "id",
            "functionArn": "arn",
            "traceId": "trace",
            "deadlineMs": (time.time() + timeout) * 1000,
            "event": json.dumps(event),
        }
        return json.loads(process.invoke(invocation, timeout))

    def ready(self, code: str, *args: str, **env: str) -> RuntimeProcess:
        process = self.start(code, *args, **env)
        process.wait_until_ready(10)
        return process

    def failure(self, process: RuntimeProcess, event: object = None, timeout: float = 10) -> dict:
        with self.assertRaises(RuntimeFailure) as caught:
            self.invoke(process, event, timeout)
        return json.loads(caught.exception.body)

    def load_failure(self, code: str) -> dict:
        with self.assertRaises(RuntimeFailure) as caught:
            self.ready(code)
        return json.loads(caught.exception.body)

    def test_answers_again_and_again(self):
        process = self.ready(
            "let n = 0;"
            "export const handler = async (event, context) => [event, context.awsRequestId, ++n]"
        )
        self.assertEqual(self.invoke(process, {"a": 1}), [{"a": 1}, "id", 1])
        self.assertEqual(self.invoke(process, "ä\n\u2028"), ["ä\n\u2028", "id", 2])

    def test_passes_payloads_of_megabytes(self):
        process = self.ready("export const handler = async (event) => event")
        self.assertEqual(len(self.invoke(process, "x" * 5_000_000)), 5_000_000)

    def test_refuses_a_response_over_six_megabytes(self):
        process = self.ready("export const handler = async () => 'x'.repeat(7_000_000)")
        self.assertEqual(self.failure(process)["errorType"], "Function.ResponseSizeTooLarge")

    def test_runs_commonjs(self):
        process = self.ready("exports.handler = () => undefined", "index.cjs")
        self.assertIsNone(self.invoke(process))

    def test_finds_packages_in_the_node_path(self):
        package = self.directory / "elsewhere" / "node_modules" / "dep"
        package.mkdir(parents=True)
        (package / "index.js").write_text("module.exports = 42")
        path = str(package.parent)
        code = "import dep from 'dep'; export const handler = async () => dep"
        self.assertEqual(self.invoke(self.ready(code, NODE_PATH=path)), 42)
        code = "exports.handler = async () => require('dep')"
        (self.directory / "index.mjs").unlink()
        self.assertEqual(self.invoke(self.ready(code, "index.cjs", NODE_PATH=path)), 42)

    def test_goes_on_after_an_error(self):
        process = self.ready(
            "export const handler = async (event) => { if (event) throw new TypeError(event); return 1 }"
        )
        failure = self.failure(process, "bad")
        self.assertEqual((failure["errorType"], failure["errorMessage"]), ("TypeError", "bad"))
        self.assertEqual(self.invoke(process), 1)

    def test_reports_a_function_that_does_not_load(self):
        self.assertIn("nowhere", self.load_failure("import 'nowhere'")["errorMessage"])
        failure = self.load_failure("export const x = 1")
        self.assertEqual(failure["errorType"], "Runtime.HandlerNotFound")

    def test_reports_an_exit_and_an_uncaught_error(self):
        process = self.ready("export const handler = async () => process.exit(3)")
        self.assertIn("exit status 3", self.failure(process)["errorMessage"])
        process = self.ready(
            "export const handler = () => new Promise(() => setTimeout(() => { throw Error('late') }))"
        )
        self.assertEqual(self.failure(process)["errorMessage"], "late")
        self.assertFalse(process.is_running())

    def test_kills_what_takes_too_long_with_all_that_it_started(self):
        process = self.ready(
            "import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';"
            "export const handler = async () => {"
            "  writeFileSync('child', String(spawn('sleep', ['300'], { stdio: 'inherit' }).pid));"
            "  for (;;);"
            "}"
        )
        self.assertEqual(self.failure(process, timeout=0.5)["errorType"], "Sandbox.Timedout")
        self.assertFalse(process.is_running())
        self.assert_ends(int((self.directory / "child").read_text()))

    def test_ends_when_its_standard_input_closes(self):
        process = self.ready("export const handler = () => new Promise(() => {})")
        process._process.stdin.close()
        self.assertEqual(process._process.wait(5), 0)

    def assert_ends(self, pid: int) -> None:
        """A killed orphan is a zombie until its new parent collects it."""
        for _ in range(100):
            try:
                if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                    return
            except FileNotFoundError:
                return
            time.sleep(0.05)
        self.fail(f"process {pid} is still there")


if __name__ == "__main__":
    unittest.main()
