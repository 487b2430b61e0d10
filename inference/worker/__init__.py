# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process, which runs the model beside Blender so that Blender stays responsive.

`server` is that process and answers requests; `protocol` has the types of all messages, `framing` their bytes on the
pipe; `process_host` starts such a process from the other side and reads what it sends.
"""
