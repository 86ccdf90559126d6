// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/pacedrequest.h"

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

namespace loopscope::app {

// What a person has composed in the playground, before it is a request: plain data, without a widget.
struct RequestDraft {
    enum class Body {
        UrlEncoded, // the fields as application/x-www-form-urlencoded; of GET and HEAD they become the query
        Json, // the fields as one JSON object of strings
        Raw, // `raw` as UTF-8, text/plain unless a header says otherwise
        Filler, // `fillerKiB` of letters: what makes a write or an upload large
    };
    struct Field {
        QString name;
        QString value;
        friend bool operator==(const Field &, const Field &) = default;
    };

    static constexpr int maximumFields = 200;
    static constexpr int maximumRepeat = 50;
    static constexpr int maximumFillerKiB = int(PacedRequest::maximumBodyBytes / 1024);

    QString method = QStringLiteral("GET");
    QString target = QStringLiteral("/");
    Body body = Body::UrlEncoded;
    QList<Field> fields;
    QList<Field> headers;
    QString raw;
    int fillerKiB = 64;
    int pieces = 1;
    int pauseMs = 100; // between pieces
    int repeat = 1; // so many at once
    bool followRedirects = true;

    friend bool operator==(const RequestDraft &, const RequestDraft &) = default;

    // The request as it will be sent. Characters that a request line cannot carry are percent-encoded in the path.
    [[nodiscard]] PacedRequest::Request toRequest(const QString &host, quint16 port) const;

    // What was sent once, to be sent again: host, length and connection headers are left out, they are made anew.
    [[nodiscard]] static RequestDraft fromSent(const QByteArray &method, const QByteArray &target,
                                               const QList<HeaderField> &headers, const QByteArray &body);

    // For the settings. Whatever is missing, of a wrong type or out of range keeps its default.
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static RequestDraft fromJson(const QJsonObject &object);
};

// A draft filled by one click.
struct RequestPreset {
    QString name;
    QString hint; // what to watch
    RequestDraft draft;
};

// The practice site's: user, paced message, download, the two writes, fifty at once. Translated.
[[nodiscard]] QList<RequestPreset> requestPresets();
// Paths of the practice site, for completion.
[[nodiscard]] QStringList practicePaths();

} // namespace loopscope::app
