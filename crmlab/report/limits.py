"""How long cells and the run may take, and the end that a limit or a signal puts to them."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from crmlab.report.contract import Told

CELL_SECONDS = 900
SIGNALS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]


@dataclass
class Limits:
    """The seconds that a cell and the run may take, and whether the run is to end now.

    Once `reason` is set, every kernel that runs is killed, and none starts: so no lock is
    needed between the threads that start kernels and the one that ends them.
    """

    cell_seconds: int = CELL_SECONDS
    run_seconds: int | None = None
    reason: Literal["timed_out", "cancelled"] | None = None
    signal: int = 0
    _kernels: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)

    @property
    def told(self) -> Told:
        """Say why the run ended."""
        if self.reason == "timed_out":
            return (
                f"The run took longer than {self.run_seconds:,} s (--run-seconds)",
                f"整次运行超过 {self.run_seconds:,} 秒（--run-seconds）",
            )
        name = signal.Signals(self.signal).name if self.signal else "an error"
        return f"Cancelled by {name}", f"已被 {name} 取消"

    def end(self, reason: Literal["timed_out", "cancelled"], number: int = 0) -> None:
        """End all kernels, now and from now on; the first reason stays."""
        if self.reason is None:
            self.signal, self.reason = number, reason
        for process in list(self._kernels):
            _kill(process)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """End the run at its limit, or at a signal that is not ignored, meanwhile."""
        timer = threading.Timer(self.run_seconds or 0, self.end, ["timed_out"])
        timer.daemon = True
        if self.run_seconds:
            timer.start()
        before = {} if threading.current_thread() is not threading.main_thread() else {
            number: signal.signal(number, lambda told, _: self.end("cancelled", told))
            for number in SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN  # as under nohup
        }  # fmt: skip
        try:
            yield
        except BaseException:
            self.end("cancelled")
            raise
        finally:
            timer.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def over(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Let a process, which leads a group of its own, end with the run, or here."""
        self._kernels.append(process)
        try:
            if self.reason:
                _kill(process)
            yield
        finally:
            _kill(process)  # and what it has started
            self._kernels.remove(process)

    def kernel_manager(self, folder: str) -> type:
        """Return a class of kernels that start in `folder` and end with the run."""
        from jupyter_client.manager import AsyncKernelManager

        watched = self._kernels
        base: Any = AsyncKernelManager

        class Manager(base):
            started: Any = None

            async def start_kernel(_self, **options: Any) -> None:  # noqa: N805
                await super().start_kernel(**{**options, "cwd": folder})
                _self.started = _self.provisioner.process  # it forgets it at the end
                watched.append(_self.started)
                if self.reason:
                    _kill(_self.started)

            async def cleanup_resources(_self, restart: bool = False) -> None:  # noqa: N805
                if _self.started:
                    _kill(_self.started)  # what the kernel has started may outlive it
                    watched.remove(_self.started)
                    _self.started = None
                await super().cleanup_resources(restart=restart)

        return Manager


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a kernel and what it started; it leads a group of its own."""
    if os.name == "nt":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):  # all have ended
        os.killpg(process.pid, signal.SIGKILL)
