"""What suites of Robot Framework import: ``Library    pymockapi.robot    config=mocks.yaml``.

Robot looks for a class that is named as the module.
"""

from pymockapi.integrations.robot_library import RobotLibrary as robot  # noqa: N813

__all__ = ["robot"]
