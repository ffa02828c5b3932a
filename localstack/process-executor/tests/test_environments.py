"""The environments of a function, with the LocalStack that is installed."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from localstack_process_executor import environments  # noqa: E402


class EnvironmentsTest(unittest.TestCase):
    def test_who_looks_through_them_does_not_mind_another_one(self):
        of_function = environments.Environments(first=1)
        seen = []
        for number in of_function.values():
            of_function[f"another {number}"] = 2
            seen.append(number)
        self.assertEqual(seen, [1])
        self.assertEqual(sorted(of_function.values()), [1, 2])

    def test_localstack_keeps_them_so(self):
        from localstack.services.lambda_.invocation.assignment import AssignmentService

        stock = AssignmentService.__init__
        self.addCleanup(setattr, AssignmentService, "__init__", stock)
        environments.install()
        service = AssignmentService()
        self.addCleanup(service.provisioning_pool.shutdown)
        self.assertIsInstance(service.environments["version"], environments.Environments)


if __name__ == "__main__":
    unittest.main()
