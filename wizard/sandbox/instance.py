"""The simulated GitLab as a whole: the world it serves at the moment, and how it was started."""

from __future__ import annotations

from pathlib import Path

from wizard.sandbox.registry.signing import Signer
from wizard.sandbox.schema import WorldState
from wizard.sandbox.world import Addresses, Clock, World, system_clock


class Instance:
    """One simulated GitLab; its world can be replaced while it runs."""

    def __init__(
        self,
        state: WorldState,
        *,
        control: bool = False,
        clock: Clock = system_clock,
        signing_key: Path | None = None,
    ) -> None:
        """Serve `state`; `signing_key` is the folder that keeps the key of `/jwt/auth`."""
        self.control = control
        self.clock = clock
        self.signer = Signer(signing_key)
        self.addresses = Addresses()
        self.world = World(state, clock, self.addresses)

    def at(self, addresses: Addresses) -> None:
        """Learn where the servers listen."""
        self.addresses = self.world.addresses = addresses

    def replace(self, state: WorldState) -> None:
        """Serve another world from now on."""
        self.world = World(state, self.clock, self.addresses)
