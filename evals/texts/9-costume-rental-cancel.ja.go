// Package rental は貸衣装の予約取消を扱う。
// 気になっていること: 返金の登録に失敗して「取消できませんでした」と出て、予約も
// 「予約中」のままなのに、衣装の在庫だけ 1 着増えていることがある。先月の棚卸しで
// 4 着ずれた。トランザクションは張ってあるから全部戻るはず。店員の連打のせい?
package rental

import "context"
import "database/sql"

func Cancel(ctx context.Context, db *sql.DB, bookingID int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var costumeID, fee int64
	err = tx.QueryRowContext(ctx, `UPDATE bookings SET status = 'cancelled' WHERE id = $1
		RETURNING costume_id, fee`, bookingID).Scan(&costumeID, &fee)
	if err != nil {
		return err
	}
	if err = putBack(ctx, db, costumeID); err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, `INSERT INTO refunds (booking_id, amount) VALUES ($1, $2)`,
		bookingID, fee*8/10); err != nil {
		return err
	}
	return tx.Commit()
}

func putBack(ctx context.Context, db *sql.DB, costumeID int64) error {
	var n int
	row := db.QueryRowContext(ctx, `SELECT stock FROM costumes WHERE id = $1`, costumeID)
	if err := row.Scan(&n); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `UPDATE costumes SET stock = $1 WHERE id = $2`, n+1, costumeID)
	return err
}
