#if NATS
    /// Times as text, exact to the nanosecond.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc3339>
    enum RFC3339 {
        /// Nanoseconds since 1970; `nil` if the text is no such time, or does not fit.
        static func nanoseconds(in text: UnsafeRawBufferPointer) -> Int64? {
            guard text.count >= 20, let year = number(text, 0, 4), text[4] == UInt8(ascii: "-"),
                let month = number(text, 5, 2), (1...12).contains(month), text[7] == UInt8(ascii: "-"),
                let day = number(text, 8, 2), (1...31).contains(day), text[10] | 0x20 == UInt8(ascii: "t"),
                let hour = number(text, 11, 2), hour < 24, text[13] == UInt8(ascii: ":"),
                let minute = number(text, 14, 2), minute < 60, text[16] == UInt8(ascii: ":"),
                let second = number(text, 17, 2), second <= 60
            else { return nil }
            var position = 19
            var fraction: Int64 = 0
            if text[position] == UInt8(ascii: ".") {
                position += 1
                let start = position
                var unit: Int64 = 100_000_000
                while position < text.count, let digit = digit(text[position]) {
                    fraction += Int64(digit) * unit
                    unit /= 10
                    position += 1
                }
                guard position > start else { return nil }
            }
            guard let offset = offset(text, position) else { return nil }
            let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
            let (whole, overflows) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
            guard !overflows else { return nil }
            let (sum, overflowsToo) = whole.addingReportingOverflow(fraction)
            return overflowsToo ? nil : sum
        }

        /// The time in UTC with nine digits of the fraction.
        static func text(nanoseconds: Int64) -> String {
            let second = nanoseconds.quotientRoundingDown(by: 1_000_000_000)
            let fraction = nanoseconds - second * 1_000_000_000
            let day = second.quotientRoundingDown(by: 86_400)
            let rest = Int(second - day * 86_400)
            let (year, month, dayOfMonth) = date(days: Int(day))
            return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T\(padded(rest / 3600, 2)):"
                + "\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2)).\(padded(Int(fraction), 9))Z"
        }

        /// Minutes east of UTC at the end of the text.
        private static func offset(_ text: UnsafeRawBufferPointer, _ position: Int) -> Int? {
            guard position < text.count else { return nil }
            let sign: Int
            switch text[position] {
            case UInt8(ascii: "Z"), UInt8(ascii: "z"): return position + 1 == text.count ? 0 : nil
            case UInt8(ascii: "+"): sign = 1
            case UInt8(ascii: "-"): sign = -1
            default: return nil
            }
            guard text.count == position + 6, let hours = number(text, position + 1, 2),
                text[position + 3] == UInt8(ascii: ":"), let minutes = number(text, position + 4, 2)
            else { return nil }
            return sign * (hours * 60 + minutes)
        }

        private static func digit(_ byte: UInt8) -> Int? {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
        }

        private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ length: Int) -> Int? {
            var value = 0
            for index in start..<(start + length) {
                guard let digit = digit(text[index]) else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// Days since 1970 of a date of the Gregorian calendar, counted in years that begin with March.
        ///
        /// Source: <https://howardhinnant.github.io/date_algorithms.html>
        private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
            let year = month <= 2 ? year - 1 : year
            let era = year.quotientRoundingDown(by: 400)
            let yearOfEra = year - era * 400
            let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
            return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        }

        private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
            let days = days + 719_468
            let era = days.quotientRoundingDown(by: 146_097)
            let dayOfEra = days - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shifted = (5 * dayOfYear + 2) / 153
            let month = shifted + (shifted < 10 ? 3 : -9)
            return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
        }

        private static func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
    }

    extension FixedWidthInteger {
        fileprivate func quotientRoundingDown(by divisor: Self) -> Self {
            let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
            return remainder < 0 ? quotient - 1 : quotient
        }
    }
#endif
