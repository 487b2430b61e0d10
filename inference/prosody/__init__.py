# SPDX-License-Identifier: GPL-3.0-or-later
"""How something is said: the pitch and the loudness of a voice, and what head and brows do with them, by rule.

``prosody`` measures, ``beats`` moves. A file is heard as a whole, so a beat may begin before its syllable does.
"""
