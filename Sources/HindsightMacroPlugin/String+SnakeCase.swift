#if Macros
    extension String {
        /// `orderID` as `order_id`, `firstAt` as `first_at`, `URLPath` as `url_path`.
        ///
        /// The same rule as the library's for key paths. The compiler's plugin cannot link the library, which needs libpq;
        /// a test holds the two together.
        package var snakeCase: String {
            let characters = Array(self)
            var text = ""
            for (index, character) in characters.enumerated() {
                let isFollowed = index + 1 < characters.count && characters[index + 1].isLowercase
                if index > 0, character.isUppercase, !characters[index - 1].isUppercase || isFollowed,
                    characters[index - 1] != "_"
                {
                    text += "_"
                }
                text += character.lowercased()
            }
            return text
        }
    }
#endif
