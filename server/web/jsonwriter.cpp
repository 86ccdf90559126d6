// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/jsonwriter.h"

#include <QtCore/QString>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

namespace loopscope::web {

struct JsonWriter::Private {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter()
    : d(std::make_unique<Private>())
{
}

JsonWriter::JsonWriter(JsonWriter &&) noexcept = default;
JsonWriter &JsonWriter::operator=(JsonWriter &&) noexcept = default;
JsonWriter::~JsonWriter() = default;

JsonWriter &JsonWriter::beginObject()
{
    d->writer.StartObject();
    return *this;
}

JsonWriter &JsonWriter::endObject()
{
    d->writer.EndObject();
    return *this;
}

JsonWriter &JsonWriter::beginArray()
{
    d->writer.StartArray();
    return *this;
}

JsonWriter &JsonWriter::endArray()
{
    d->writer.EndArray();
    return *this;
}

JsonWriter &JsonWriter::key(QStringView name)
{
    return value(name); // a key is a string in a key's place
}

JsonWriter &JsonWriter::key(QByteArrayView name)
{
    return value(name);
}

JsonWriter &JsonWriter::value(QStringView text)
{
    const QByteArray utf8 = text.toUtf8();
    d->writer.String(utf8.constData(), rapidjson::SizeType(utf8.size()));
    return *this;
}

JsonWriter &JsonWriter::value(QByteArrayView text)
{
    if (!text.isValidUtf8()) // RapidJSON copies bytes as they are, Qt's decoder puts U+FFFD in the wrong ones' place
        return value(QStringView(QString::fromUtf8(text)));
    // an empty view may have no address, and RapidJSON asks for one
    d->writer.String(text.isEmpty() ? "" : text.data(), rapidjson::SizeType(text.size()));
    return *this;
}

JsonWriter &JsonWriter::value(qint64 number)
{
    d->writer.Int64(number);
    return *this;
}

JsonWriter &JsonWriter::value(double number)
{
    if (std::isfinite(number))
        d->writer.Double(number);
    else
        d->writer.Null();
    return *this;
}

JsonWriter &JsonWriter::boolean(bool truth)
{
    d->writer.Bool(truth);
    return *this;
}

JsonWriter &JsonWriter::null()
{
    d->writer.Null();
    return *this;
}

bool JsonWriter::isComplete() const
{
    return d->writer.IsComplete();
}

QByteArrayView JsonWriter::text() const
{
    return {d->buffer.GetString(), qsizetype(d->buffer.GetSize())};
}

} // namespace loopscope::web
