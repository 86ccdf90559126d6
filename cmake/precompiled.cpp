// SPDX-License-Identifier: GPL-3.0-or-later
// What the precompiled headers of LoopscopeRoom.cmake belong to; there is nothing in it.
