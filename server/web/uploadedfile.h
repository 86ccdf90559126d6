// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <memory>

namespace loopscope::web {

class StoredFile;

// A file of a form, as the middleware multipart() leaves it in Request::files; names are Multer's.
// https://expressjs.com/en/resources/middleware/multer.html#file-information
//
// A value whose copies stand for one file on the disk: it is removed when the last of them is gone, and so with its
// request, unless keep() was called or somebody has a copy. For the loop's thread.
// Deviation: Multer leaves every file to the application. PHP removes them at a request's end, too.
struct UploadedFile {
    QString fieldname;
    // The name at the client, without folders. It is what the client said: show it escaped, and build no path from it.
    QString originalname;
    QByteArray mimetype; // what the client said, too
    qint64 size = 0; // bytes
    QByteArray sha256; // 32 bytes
    QString path; // of the file that was written; empty if it is in `buffer`
    QByteArray buffer; // its bytes, if the middleware has no directory
    std::shared_ptr<StoredFile> stored; // null if it is in `buffer`

    // Leaves the file where it is: it is the application's from now on.
    void keep() const;
};

} // namespace loopscope::web
