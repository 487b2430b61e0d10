# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character does in a conversation while it does not speak, and whom it looks at, computed from what is said.

`partners` says who is listened to, `turns` who speaks when, `heads` and `places` where everybody is. `talk` makes the
motion of it (`inference.dialogue`) and keeps it until one of these changes, which `watch` notices.
"""
