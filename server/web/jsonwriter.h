// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QStringView>

#include <concepts>
#include <memory>

namespace loopscope::web {

// Writes one JSON text (RFC 8259) value by value, without building a document first: for answers that are made often.
//   JsonWriter json;
//   json.beginObject().key("id").value(id).key("roles").beginArray().value("reader").endArray().endObject();
//   res.json(json);
// The writing is RapidJSON's. Strings come out as UTF-8 with what JSON asks to be escaped; bytes that are no UTF-8 come out
// as U+FFFD, half a surrogate pair as "?" (Qt's codecs), a number that is not finite as null, as JSON.stringify() does.
//
// A value is in its place after key() in an object, anywhere in an array, and once at the top; a misuse is the caller's
// fault and asserted. Belongs to one thread at a time; never waits.
class JsonWriter {
public:
    JsonWriter();
    JsonWriter(JsonWriter &&) noexcept;
    JsonWriter &operator=(JsonWriter &&) noexcept;
    ~JsonWriter();

    JsonWriter &beginObject();
    JsonWriter &endObject();
    JsonWriter &beginArray();
    JsonWriter &endArray();
    JsonWriter &key(QStringView name);
    // UTF-8.
    JsonWriter &key(QByteArrayView name);
    JsonWriter &value(QStringView text);
    // UTF-8.
    JsonWriter &value(QByteArrayView text);
    JsonWriter &value(qint64 number);
    JsonWriter &value(int number) { return value(qint64(number)); }
    JsonWriter &value(double number);
    // A template, for a literal would rather become a bool than a view.
    template<std::same_as<bool> Bool>
    JsonWriter &value(Bool truth)
    {
        return boolean(truth);
    }
    JsonWriter &null();

    // Whether everything that was begun has ended: only then it is JSON.
    [[nodiscard]] bool isComplete() const;
    // What was written so far; valid until the next call.
    [[nodiscard]] QByteArrayView text() const;

private:
    JsonWriter &boolean(bool truth);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loopscope::web
