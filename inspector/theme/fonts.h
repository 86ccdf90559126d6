// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QFont>

namespace loopscope::theme {

// `base` if its ten digits are equally wide, otherwise the fixed font at the same size: times in columns must not
// dance while they change. (Qt 6.4 cannot ask a font for its "tnum" feature.) GUI thread.
[[nodiscard]] QFont tabularFont(const QFont &base);

// The desktop's fixed font at the size of `base`: headers, bodies, code.
[[nodiscard]] QFont monospaceFont(const QFont &base);

} // namespace loopscope::theme
