# bpy is dynamic and differs from version to version: its types are left open.
from typing import Any

def __getattr__(name: str) -> Any: ...
