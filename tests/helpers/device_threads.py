"""Threads that a program starts, on the played GPU as well."""

from concurrent.futures import ThreadPoolExecutor

from played_gpu import PlayedGPU


def threads_on(gpu: PlayedGPU) -> type[ThreadPoolExecutor]:
    """A ThreadPoolExecutor whose threads are on ``gpu``."""

    class Threads(ThreadPoolExecutor):
        def submit(self, work, /, *args, **kwargs):
            def there():
                with gpu.enter():
                    return work(*args, **kwargs)

            return super().submit(there)

    return Threads
