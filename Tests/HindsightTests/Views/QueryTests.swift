import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

@Suite("Queries", .serialized, .timeLimit(.minutes(3)))
struct QueryTests {
    @Test("A condition holds for the rows that it holds for in Swift, null included")
    func conditions() async throws {
        let five = Day(daysSince1970: 5)
        let cases: [(ViewCondition<Person>, (Person) -> Bool)] = [
            (\.city == "Bonn", { $0.city == "Bonn" }),
            (\.city != "Bonn", { $0.city != "Bonn" }),
            (\.name == nil, { $0.name == nil }),
            (\.name != nil, { $0.name != nil }),
            (\.name == "O'Neill", { $0.name == "O'Neill" }),
            (\.name != "O'Neill", { $0.name != "O'Neill" }),
            (\.name == "a\"b\\", { $0.name == "a\"b\\" }),
            (\.number < 5, { $0.number < 5 }),
            (\.number <= 5, { $0.number <= 5 }),
            (\.number > 5, { $0.number > 5 }),
            (\.number >= 5, { $0.number >= 5 }),
            (\.age > 1, { $0.age.map { $0 > 1 } ?? false }),
            (\.age <= 1, { $0.age.map { $0 <= 1 } ?? false }),
            (!(\.age > 1), { !($0.age.map { $0 > 1 } ?? false) }),
            (!(\.age == 1), { $0.age != 1 }),
            (!(\.age == nil), { $0.age != nil }),
            (.isIn(\.number, 3...7), { (3...7).contains($0.number) }),
            (.isIn(\.city, "Bonn"..."Bonn"), { $0.city == "Bonn" }),
            (.isOne(\.number, of: [1, 4, 99]), { [1, 4, 99].contains($0.number) }),
            (.isOne(\.number, of: []), { _ in false }),
            (!.isOne(\.number, of: []), { _ in true }),
            (.isOne(\.age, of: [1, nil]), { $0.age == 1 || $0.age == nil }),
            (.isOne(\.age, of: [1, 2]), { $0.age == 1 || $0.age == 2 }),
            (!.isOne(\.age, of: [1, nil]), { !($0.age == 1 || $0.age == nil) }),
            (\.born == five, { $0.born == five }),
            (\.score > 0 && \.number < 9, { $0.score > 0 && $0.number < 9 }),
            (\.number < 2 || \.number > 18, { $0.number < 2 || $0.number > 18 }),
            (
                (\.number < 2 || \.number > 18) && !(\.city == "Bonn"),
                { ($0.number < 2 || $0.number > 18) && $0.city != "Bonn" }
            ),
        ]
        try await Person.withAll { views, _ in
            for (index, (condition, holds)) in cases.enumerated() {
                let query = Person.query.where(condition)
                let wanted = Set(Person.all.filter(holds))
                let found = Set(try await views.fetch(query))
                let count = try await views.count(query)
                #expect(found == wanted, "case \(index)")
                #expect(count == wanted.count, "case \(index)")
            }
        }
    }

    @Test("Conditions of several calls hold together; a limit and a page do not change the count")
    func countsAndLimits() async throws {
        try await Person.withAll { views, _ in
            let query = Person.query.where(\.city == "Bonn").where(\.number >= 10)
                .order(by: .descending(\.number)).limit(4)
            let rows = try await views.fetch(query)
            #expect(rows.map(\.number) == [20, 19, 18, 17])
            #expect(try await views.count(query.after(rows.last)) == 11)
            #expect(try await views.fetch(query.limit(0)).isEmpty)
            #expect(try await views.fetch(query.limit(-1)).isEmpty)
            #expect(try await views.count(Person.query) == 42)
        }
    }

    @Test("Free SQL names views by their stable names, binds values, and cannot write")
    func freeSQL() async throws {
        try await Person.withAll { views, pool in
            let cities = try await views.query(
                "select city, count(*) from person where number < \(5) group by city order by city")
            #expect(try cities.map { try $0.decode(0, as: String.self) } == ["Bonn", "Århus"])
            #expect(try cities.map { try $0.decode(1, as: Int.self) } == [5, 5])
            let error = await #expect(throws: PostgresError.self) {
                try await views.query("delete from person returning city")
            }
            #expect(error?.sqlState == "25006")
            try await pool.withSession { session in
                try session.script("create schema \"Odd views\"; alter table person set schema \"Odd views\"")
            }
            #expect(try await Views(pool: pool, schema: "Odd views").query("select from person").count == 42)
        }
    }

    @Test("A row is found by its two key columns")
    func rowByKey() async throws {
        try await Person.withAll { views, _ in
            let person = try await views.row(Person.self, ViewKeyPair("Århus", 8))
            #expect(person == Person.all.first { $0.city == "Århus" && $0.number == 8 })
            #expect(try await views.row(Person.self, ViewKeyPair("Århus", 99)) == nil)
            #expect(try await views.row(Person.self, ViewKeyPair("nowhere", 8)) == nil)
        }
    }

    @Test("Pages show every row exactly once, whatever the order, its ties and its nulls")
    func paging() async throws {
        let orders: [[ViewOrder<Person>]] = [
            [], [.ascending(\.age)], [.descending(\.age)],
            [.ascending(\.name), .descending(\.age)],
            [.descending(\.name), .ascending(\.score)], [.descending(\.born), .descending(\.city)],
            [.ascending(\.score), .descending(\.number)],
            [.descending(\.number), .ascending(\.city)],
        ]
        try await Person.withAll { views, _ in
            for (index, order) in orders.enumerated() {
                for size in [1, 4, 42, 50] {
                    let query = Person.query.order(by: order).limit(size)
                    let whole = try await views.fetch(Person.query.order(by: order).limit(1_000))
                    var paged: [Person] = []
                    var page = try await views.fetch(query)
                    while let last = page.last, paged.count < 100 {
                        paged += page
                        page = try await views.fetch(query.after(last))
                    }
                    #expect(paged == whole, "order \(index), pages of \(size)")
                    #expect(paged.count == 42)
                }
            }
        }
    }

    @Test("The page after an empty one is empty")
    func pageAfterTheEnd() async throws {
        try await Person.withAll { views, _ in
            var query = Person.query.order(by: .ascending(\.age)).limit(30)
            var counts: [Int] = []
            for _ in 1...4 {
                let page = try await views.fetch(query)
                counts.append(page.count)
                query = query.after(page.last)
            }
            #expect(counts == [30, 12, 0, 0])
        }
    }

    @Test("Nulls come last in ascending order and first in descending")
    func nullsInOrder() async throws {
        try await Person.withAll { views, _ in
            let ascending = try await views.fetch(Person.query.order(by: .ascending(\.age)))
            #expect(ascending.suffix(14).allSatisfy { $0.age == nil })
            #expect(ascending.prefix(28).compactMap(\.age) == ascending.compactMap(\.age).sorted())
            let descending = try await views.fetch(Person.query.order(by: .descending(\.age)))
            #expect(descending.prefix(14).allSatisfy { $0.age == nil })
        }
    }

    @Test(
        "A value is never part of the statement",
        arguments: ["'; drop table person; --", "\\'; drop table person; --", "$1", "\"", "' or '1'='1", "%s\n\t{}"])
    func injection(value: String) async throws {
        try await Person.withAll { views, _ in
            #expect(try await views.fetch(Person.query.where(\.city == value)).isEmpty)
            #expect(try await views.fetch(Person.query.where(.isOne(\.name, of: [value]))).isEmpty)
            #expect(try await views.row(Person.self, ViewKeyPair(value, 1)) == nil)
            let after = Person.query.order(by: .ascending(\.city)).after(Person(city: value, number: 0))
            _ = try await views.fetch(after)
            #expect(try await views.count(Person.query) == 42)
        }
    }
}
