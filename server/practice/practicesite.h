// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/practice/gate.h"
#include "server/practice/labroutes.h"
#include "server/practice/uploadshelf.h"
#include "server/practice/userstore.h"
#include "server/web/application.h"

#include <QtCore/QString>

#include <limits>

namespace loopscope::practice {

struct PracticeOptions {
    web::Application::Environment environment = web::Application::Environment::Production;
    // Where POST /message writes message.txt, POST /upload files in a folder "uploads", and experiments theirs in a folder
    // "lab". Made if it is not there.
    QString directory = {};
    // Served, read only, below /static; empty: nothing is.
    QString staticRoot = {};
    qint64 maxBodyBytes = 1024 * 1024; // of routes that do not say otherwise
    qint64 bodyCeiling = std::numeric_limits<qint64>::max(); // of all routes

    // POST /message, bytes of one: large enough that writing it blocks for a while; beyond it 413.
    qint64 maxMessageBytes = 128 * 1024 * 1024;
    // Bytes of all messages that are in memory, arriving or being written; beyond it 503. One alone always fits.
    qint64 maxMessagesBytes = 256 * 1024 * 1024;
    // POST /upload, bytes of one form, beyond it 413, and such forms at once, beyond it 503.
    qint64 maxUploadBytes = 256 * 1024 * 1024;
    int maxUploads = 16;
};

// The site that learners practise on: plain routes on server/web, as a user of the library would write them.
// Made and used on the server's thread; it outlives the server.
class PracticeSite {
public:
    // GET /download?mb=N, MiB.
    static constexpr int defaultDownloadMb = 10;
    static constexpr int maximumDownloadMb = 4'096;

    // POST /upload: files of one form.
    static constexpr int maximumUploadedFiles = 20;

    explicit PracticeSite(const PracticeOptions &options);
    PracticeSite(const PracticeSite &) = delete;
    PracticeSite &operator=(const PracticeSite &) = delete;

    [[nodiscard]] web::Application &application() noexcept { return m_application; }
    [[nodiscard]] const UserStore &users() const noexcept { return m_users; }
    // Files of POST /upload that are kept.
    [[nodiscard]] const UploadShelf &uploads() const noexcept { return m_uploads; }
    [[nodiscard]] QString uploadFolder() const;
    // The file of POST /message.
    [[nodiscard]] QString messageFile() const;
    // Of messages that arrive or are being written.
    [[nodiscard]] qint64 messageBytesUnderWay() const noexcept { return m_messages.bytes(); }

    // What /download repeats: the same bytes in every process.
    static constexpr qsizetype downloadBlockBytes = 64 * 1024;
    [[nodiscard]] static const QByteArray &downloadBlock();

private:
    void addStaticFiles();
    void addUserRoutes();
    void addMessageRoutes();
    void addDownloadRoute();
    void addUncaughtRoute();
    void addUploadRoutes();
    loop::Task<> saveMessage(web::Request &req, web::Response &res);

    const PracticeOptions m_options;
    UserStore m_users;
    UploadShelf m_uploads;
    Gate m_messages;
    LabRoutes m_lab;
    web::Application m_application;
};

} // namespace loopscope::practice
