# Prices creep up. Same cabin, same dates in the lantern week: 442.40 in the morning,
# 568.40 after lunch, and once we deploy it's back to normal. Reception
# has started to screenshot quotes. My bet is the quote cache (15 min TTL) mixing up
# keys, but I turned it off on staging and it still happened, so maybe not only that.
require "date"

class BookingQuote
  RATES = {
    cabin: { week: 8_400, weekend: 10_900, extra_guest: 1_200 },
    loft:  { week: 11_200, weekend: 13_900, extra_guest: 1_500 }
  }.freeze
  LANTERN_WEEK = (Date.new(2025, 8, 8)..Date.new(2025, 8, 17))
  TAX = 180 # per adult per night, goes to the town

  def initialize(room, from, to, adults:, kids: 0, voucher: 0)
    @room, @adults, @kids, @voucher = room, adults, kids, voucher
    @nights = (from...to).to_a
  end

  def total_cents
    rate = RATES.fetch(@room)
    if @nights.any? { |d| LANTERN_WEEK.cover?(d) }
      rate[:week] += 900
      rate[:weekend] += 1_200
    end

    sum = @nights.sum { |d| d.friday? || d.saturday? ? rate[:weekend] : rate[:week] }
    sum += [@adults + @kids - 2, 0].max * rate[:extra_guest] * @nights.size
    sum -= sum * long_stay_percent / 100
    sum + @adults * TAX * @nights.size - @voucher
  end

  private def long_stay_percent
    case @nights.size
    when (7..) then 8
    when (14..) then 15
    else 0
    end
  end
end
