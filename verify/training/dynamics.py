"""Trials through many networks and their exact gradient, by hand: one matrix product a step.

With r = phi(h) and X_n = [r_n, u_n] (batch, N + inputs), P = [W^T; sqrt(N) m]:

    h_{n+1} = (1 - dt) h_n + dt X_n P,      z_{n+1} = r_{n+1} w,
    L = sum mask (z - target)^2 / (2 sum mask).

The gradient a_n = dL/dh_n runs backwards, e_n = dL/dz_n:

    a_n = phi'(h_n) (dt a_{n+1} W + e_n w^T) + (1 - dt) a_{n+1},
    dL/dP = dt sum_n X_n^T a_{n+1} (one product over all steps and trials),     dL/dw = sum_n r_n^T e_n.

Every buffer is allocated once and filled in place: no graph is built, and the calls of an update are
the same every time, which is what a CUDA graph needs.
"""

from __future__ import annotations

import torch

from verify.training.networks import Networks

NONLINEARITIES = ("tanh", "relu", "linear")


class Dynamics:
    """Buffers for one shape of trials through given networks; ``backward`` needs ``gradients``.

    Memory: 2 steps x batch x (N + inputs) numbers a network, 6.6 MB for flip-flop at N = 256.
    """

    def __init__(
        self, networks: Networks, trials: int, steps: int, nonlinearity: str, gradients: bool = True
    ) -> None:
        task, size, count = networks.task, networks.size, len(networks)
        self.networks, self.nonlinearity, self.dt = networks, nonlinearity, task.dt
        new = networks.weights.new_zeros
        self.states = new(count, steps + 1, trials, size + task.inputs)
        self.field = new(count, trials, size)
        self.targets = new(count, steps, trials, task.outputs)
        self.mask = new(count, steps, trials, task.outputs)
        self.loss = new(count)
        self.weights_gradient = torch.zeros_like(networks.weights)
        self.readout_gradient = torch.zeros_like(networks.readout)
        if gradients:
            self.adjoint = new(count, steps, trials, size)
            self.start_gradient = new(count, trials, size)

    def load(self, inputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> None:
        """Trials, each array (network, step, trial, channel); also (1, ...) for the same to all."""
        self.states[:, :-1, :, self.networks.size :] = inputs
        self.targets.copy_(targets.expand_as(self.targets))
        self.mask.copy_(mask.expand_as(self.mask))

    def forward(self) -> torch.Tensor:
        """Run the trials; fills ``loss`` (network,) and returns the error terms mask (z - target)."""
        size, weights = self.networks.size, self.networks.weights
        rates = self.states[..., :size]
        if self.networks.task.starts_at_input:
            self.field.copy_(weights[:, size : size + 1].expand_as(self.field))
            self._rates(rates[:, 0])
        else:
            self.field.zero_()
            rates[:, 0] = 0
        for n in range(rates.shape[1] - 1):
            self.field.baddbmm_(self.states[:, n], weights, beta=1 - self.dt, alpha=self.dt)
            self._rates(rates[:, n + 1])
        count = len(self.networks)
        readout = torch.bmm(rates[:, 1:].reshape(count, -1, size), self.networks.readout)
        error = readout.view_as(self.targets) - self.targets
        weighted = error * self.mask
        self.total = self.mask.sum(dim=(1, 2, 3))
        torch.div((weighted * error).sum(dim=(1, 2, 3)), 2 * self.total, out=self.loss)
        return weighted

    def backward(self, weighted: torch.Tensor) -> None:
        """Gradients of the loss of `forward`, whose result is ``weighted``."""
        size, count = self.networks.size, len(self.networks)
        weights, readout = self.networks.weights, self.networks.readout
        rates, adjoint = self.states[..., :size], self.adjoint
        sensitivity = weighted / self.total[:, None, None, None]
        flat = sensitivity.view(count, -1, sensitivity.shape[-1])
        torch.bmm(flat, readout.mT, out=adjoint.view(count, -1, size))
        recurrent = weights[:, :size].mT
        steps = adjoint.shape[1]
        self._through(adjoint[:, -1], rates[:, steps])
        for n in range(steps - 2, -1, -1):  # adjoint[:, n] belongs to the state n + 1
            later = adjoint[:, n + 1]
            adjoint[:, n].baddbmm_(later, recurrent, alpha=self.dt)
            self._through(adjoint[:, n], rates[:, n + 1])
            adjoint[:, n].add_(later, alpha=1 - self.dt)
        before = self.states[:, :-1].reshape(count, -1, self.states.shape[-1])
        torch.bmm(before.mT, adjoint.view(count, -1, size), out=self.weights_gradient)
        self.weights_gradient.mul_(self.dt)
        torch.bmm(rates[:, 1:].reshape(count, -1, size).mT, flat, out=self.readout_gradient)
        if self.networks.task.starts_at_input:
            start = self.start_gradient
            torch.bmm(adjoint[:, 0], recurrent, out=start)
            start.mul_(self.dt)
            self._through(start, rates[:, 0])
            start.add_(adjoint[:, 0], alpha=1 - self.dt)
            self.weights_gradient[:, size].add_(start.sum(dim=1))

    def readouts(self) -> torch.Tensor:
        """z (network, step, trial, output) of the last `forward`."""
        return self.states[:, 1:, :, : self.networks.size] @ self.networks.readout[:, None]

    def _rates(self, out: torch.Tensor) -> None:
        if self.nonlinearity == "tanh":
            torch.tanh(self.field, out=out)
        elif self.nonlinearity == "relu":
            torch.clamp(self.field, min=0, out=out)
        else:
            out.copy_(self.field)

    def _through(self, gradient: torch.Tensor, rates: torch.Tensor) -> None:
        """Times phi'(h), which all three nonlinearities have as a function of the rate."""
        if self.nonlinearity == "tanh":
            torch.ops.aten.tanh_backward.grad_input(gradient, rates, grad_input=gradient)
        elif self.nonlinearity == "relu":
            gradient.mul_(rates > 0)
