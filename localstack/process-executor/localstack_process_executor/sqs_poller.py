"""Several batches at once for the event source mappings of SQS queues.

LocalStack handles one batch at a time for each mapping and ignores MaximumConcurrency. AWS keeps
several in flight, which is what makes the environments of a function grow with its queue. Here the
number is fixed: MaximumConcurrency, or the five that AWS starts with; there is no ramp.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.pollers.poller import EmptyPollResultsException
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller

LOG = logging.getLogger(__name__)

DEFAULT_CONCURRENCY = 5
LONG_POLL_SECONDS = 1


class ConcurrentSqsPoller(SqsPoller):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.maximum_batching_window = self.maximum_batching_window or LONG_POLL_SECONDS
        self.set_concurrency(DEFAULT_CONCURRENCY)

    def set_concurrency(self, concurrency: int) -> None:
        """Only before the first poll."""
        self._slots = threading.Semaphore(concurrency)
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="sqs-batch")

    def poll_events(self) -> None:
        # Messages that nobody can handle stay in the queue. Only this thread takes slots, so one
        # that is free now is free after the poll.
        if not self._slots.acquire(timeout=LONG_POLL_SECONDS):
            return
        self._slots.release()
        try:
            super().poll_events()
        except EmptyPollResultsException:
            pass  # the poll itself has waited: no need to back off

    def handle_messages(self, messages) -> None:
        self._slots.acquire()
        self._pool.submit(self._handle_batch, messages)

    def close(self) -> None:
        self._pool.shutdown(wait=False)
        super().close()

    def _handle_batch(self, messages) -> None:
        try:
            super().handle_messages(messages)
        except Exception as error:
            # The messages come again after the visibility timeout. The error has no text of its own.
            reason = getattr(error, "error", None) or error
            LOG.warning("A batch of %s failed: %s", self.source_arn, reason)
        finally:
            self._slots.release()


def install() -> None:
    """Have LocalStack use this poller for all mappings made from now on."""
    factory = esm_worker_factory.EsmWorkerFactory
    stock_get_esm_worker = factory.get_esm_worker

    def get_esm_worker(self):
        worker = stock_get_esm_worker(self)
        concurrency = (self.esm_config.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if concurrency and isinstance(worker.poller, ConcurrentSqsPoller):
            worker.poller.set_concurrency(concurrency)
        return worker

    factory.get_esm_worker = get_esm_worker
    esm_worker_factory.SqsPoller = ConcurrentSqsPoller
