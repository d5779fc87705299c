// Writes the small JSON texts of the table.
#ifndef MOLT_JSON_H
#define MOLT_JSON_H

#include <string>
#include <string_view>

namespace molt {

class JsonWriter {
 public:
  JsonWriter& begin(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }

  JsonWriter& end(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }

  JsonWriter& key(std::string_view name) {
    separate();
    quote(name);
    text_ += ':';
    first_ = true;  // the value follows without a comma
    return *this;
  }

  JsonWriter& string(std::string_view value) {
    separate();
    quote(value);
    return *this;
  }

  JsonWriter& number(int value) {
    separate();
    text_ += std::to_string(value);
    return *this;
  }

  JsonWriter& boolean(bool value) {
    separate();
    text_ += value ? "true" : "false";
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  void separate() {
    if (!first_) text_ += ',';
    first_ = false;
  }

  void quote(std::string_view value) {
    static constexpr char kHex[] = "0123456789abcdef";
    text_ += '"';
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (byte < 0x20) {
        text_ += "\\u00";
        text_ += kHex[byte >> 4];
        text_ += kHex[byte & 15];
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace molt

#endif
