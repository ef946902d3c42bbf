//! Tests of when requests are sent, by their order and by what the server accepts.

use super::*;

/// Describes what happened, each event with its time in milliseconds.
async fn timed(mut events: mpsc::Receiver<Event>) -> Vec<String> {
    let begun = Instant::now();
    let mut all = Vec::new();
    while let Some(event) = events.recv().await {
        let at = begun.elapsed().as_millis();
        all.extend(brief(&[event]).iter().map(|what| format!("{at} {what}")));
    }
    all
}

/// Returns the lines that have one of these words.
fn only(all: &[String], words: &[&str]) -> Vec<String> {
    let has = |line: &&String| words.iter().any(|word| line.split(' ').any(|w| w == *word));
    all.iter().filter(has).cloned().collect()
}

fn answers(names: &[&str], steps: &[Step]) -> Script {
    names.iter().fold(Script::default(), |script, name| script.with(name, steps.to_vec()))
}

#[tokio::test(start_paused = true)]
async fn in_turn_each_waits_for_the_one_before() {
    let names = ["a", "b", "c"];
    let script = answers(&names, &[(100, Ok(text("x"))), stop()]);
    let gate = Arc::new(Gate::new(64));
    let events = timed(start(work(&names), Arc::new(script), plan_of(Order::InTurn, &gate))).await;
    assert_eq!(
        events,
        [
            "0 a starts",
            "0 b waits",
            "0 c waits",
            "100 a x",
            "100 a ends Done",
            "100 b starts",
            "200 b x",
            "200 b ends Done",
            "200 c starts",
            "300 c x",
            "300 c ends Done"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn in_turn_a_failure_holds_nobody_up() {
    let script = Script::default()
        .with("a", vec![error(FailureKind::Server, 500)])
        .with("a", vec![(10, Ok(text("x"))), stop()])
        .with("b", vec![(2_000, Ok(text("y"))), stop()])
        .with("c", vec![(10, Ok(text("z"))), stop()]);
    let gate = Arc::new(Gate::new(64));
    let plan = plan_of(Order::InTurn, &gate);
    let events = timed(start(work(&["a", "b", "c"]), Arc::new(script), plan)).await;
    let order: Vec<_> =
        only(&events, &["starts", "leaves", "Done"]).iter().map(|e| e[2..].to_owned()).collect();
    let ends: Vec<_> =
        order.iter().map(|e| e.trim_start_matches(char::is_numeric).trim()).collect();
    assert_eq!(
        ends,
        [
            "a starts",
            "b starts",
            "b ends Done",
            "a attempt 2 leaves",
            "a ends Done",
            "c starts",
            "c ends Done"
        ],
        "its place is before c: {events:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_leader_goes_first_and_the_rest_at_its_first_byte() {
    let names = ["a", "b", "c"];
    let script = answers(&names, &[(300, Ok(thought(1))), (900, Ok(text("x"))), stop()]);
    let gate = Arc::new(Gate::new(64));
    let plan = plan_of(Order::LeaderFirst, &gate);
    let events = timed(start(work(&names), Arc::new(script), plan)).await;
    assert_eq!(only(&events, &["starts"]), ["0 a starts", "300 b starts", "300 c starts"]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_silent_is_waited_for_two_seconds() {
    let names = ["a", "b", "c"];
    let script = answers(&names, &[(60_000, Ok(text("x"))), stop()]);
    let gate = Arc::new(Gate::new(64));
    let plan = plan_of(Order::LeaderFirst, &gate);
    let events = timed(start(work(&names), Arc::new(script), plan)).await;
    assert_eq!(only(&events, &["starts"]), ["0 a starts", "2000 b starts", "2000 c starts"]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_fails_or_is_stopped_releases_the_rest() {
    let slow = vec![(60_000, Ok(text("x"))), stop()];
    let script = Script::default()
        .with("a", vec![(70, error(FailureKind::Unauthorized, 401).1)])
        .with("b", slow.clone())
        .with("c", slow.clone());
    let gate = Arc::new(Gate::new(64));
    let plan = plan_of(Order::LeaderFirst, &gate);
    let events = timed(start(work(&["a", "b", "c"]), Arc::new(script), plan)).await;
    assert_eq!(only(&events, &["starts"]), ["0 a starts", "70 b starts", "70 c starts"]);

    let work = work(&["a", "b", "c"]);
    let leader = work[0].token.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(40)).await;
        leader.cancel();
    });
    let script = answers(&["a", "b", "c"], &slow);
    let plan = plan_of(Order::LeaderFirst, &gate);
    let events = timed(start(work, Arc::new(script), plan)).await;
    assert_eq!(
        only(&events, &["starts", "Cancelled"]),
        ["0 a starts", "40 a ends Cancelled", "40 b starts", "40 c starts"]
    );
}

#[tokio::test(start_paused = true)]
async fn runs_to_one_server_share_its_gate_and_keep_their_order() {
    let gate = Arc::new(Gate::new(2));
    let script = |names: &[&str]| Arc::new(answers(names, &[(100, Ok(text("x"))), stop()]));
    let (first, second) = (["a", "b", "c"], ["d", "e"]);
    let one = start(work(&first), script(&first), plan_of(Order::InTurn, &gate));
    let other = Plan { run: RunId("s".into()), ..plan_of(Order::AtOnce(9), &gate) };
    let two = start(work(&second), script(&second), other);
    let (one, two) = tokio::join!(timed(one), timed(two));
    // The first run sends one request at a time, which leaves room for one of the second run.
    assert_eq!(only(&one, &["starts"]), ["0 a starts", "100 b starts", "200 c starts"]);
    assert_eq!(only(&two, &["starts"]), ["0 d starts", "100 e starts"]);

    gate.set_max(1);
    let one = start(work(&first), script(&first), plan_of(Order::InTurn, &gate));
    let other = Plan { run: RunId("s".into()), ..plan_of(Order::InTurn, &gate) };
    let two = start(work(&second), script(&second), other);
    let (one, two) = tokio::join!(timed(one), timed(two));
    assert_eq!(only(&one, &["starts"]), ["0 a starts", "100 b starts", "200 c starts"]);
    assert_eq!(only(&two, &["starts"]), ["300 d starts", "400 e starts"], "one run, then the next");
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_its_turn_in_its_run() {
    let gate = Arc::new(Gate::new(64));
    let script = answers(&["a", "b", "c"], &[(100, Ok(text("x"))), stop()]);
    let run = start(work(&["a", "b", "c"]), Arc::new(script), plan_of(Order::InTurn, &gate));
    let retry = async {
        sleep(Duration::from_millis(150)).await;
        let script = answers(&["a"], &[(30, Ok(text("x"))), stop()]);
        let plan = plan_of(Order::InTurn, &gate);
        timed(start(work(&["a"]), Arc::new(script), plan)).await
    };
    let (run, retry) = tokio::join!(timed(run), retry);
    assert_eq!(retry, ["0 a waits", "50 a starts", "80 a x", "80 a ends Done"]);
    assert_eq!(only(&run, &["starts"]), ["0 a starts", "100 b starts", "230 c starts"]);
}

/// A server that accepts `takes` requests at a time and refuses all others immediately.
struct Narrow {
    takes: usize,
    under_way: Arc<Mutex<usize>>,
    asked: Mutex<Vec<String>>,
    refused: Mutex<usize>,
}

/// Counts a request out when it is dropped, however it ends.
struct UnderWay(Arc<Mutex<usize>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

impl Narrow {
    fn new(takes: usize) -> Arc<Self> {
        let (under_way, asked, refused) = Default::default();
        Arc::new(Narrow { takes, under_way, asked, refused })
    }
}

impl Provider for Narrow {
    fn label(&self, _: Lang) -> String {
        "narrow".into()
    }

    fn host(&self) -> Option<String> {
        Some("narrow.test".into())
    }

    fn model(&self, _: &Prompt) -> String {
        "m".into()
    }

    fn stream(&self, prompt: Prompt, _: TimeoutExtension) -> Chunks {
        self.asked.lock().push(prompt.perspective.name.clone());
        let mut under_way = self.under_way.lock();
        if *under_way >= self.takes {
            *self.refused.lock() += 1;
            return stream::iter([error(FailureKind::RateLimited, 429).1]).boxed();
        }
        *under_way += 1;
        let guard = UnderWay(Arc::clone(&self.under_way));
        let steps = [(50, Ok(text("x"))), (1_000, Ok(text("y"))), stop()];
        stream::iter(steps)
            .then(move |(after, step)| {
                let _ = &guard;
                async move {
                    sleep(Duration::from_millis(after)).await;
                    step
                }
            })
            .boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_four_branches_at_a_server_that_takes_four_all_come_through() {
    let names: Vec<String> = (0..64).map(|n| format!("{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Narrow::new(4);
    let gate = Arc::new(Gate::new(64));
    let order = Order::AtOnce(usize::MAX);
    let events = collect(start(work(&names), server.clone(), plan_of(order, &gate))).await;
    let brief = brief(&events);
    assert_eq!(brief.iter().filter(|b| b.ends_with("ends Done")).count(), 64, "{brief:#?}");
    let ended: Vec<_> =
        brief.iter().filter(|b| b.ends_with("Done")).map(|b| b[..2].to_owned()).collect();
    // Four at a time, first come, first served: no branch is overtaken by a later group of four.
    let numbers: Vec<usize> = ended.iter().map(|name| name.parse().unwrap()).collect();
    for (at, number) in numbers.iter().enumerate() {
        assert!(at.abs_diff(*number) < 4, "{number} is the {at}th to end: {numbers:?}");
    }
    let refused = *server.refused.lock();
    assert!((60..=70).contains(&refused), "60 at first, and a few trials: {refused}");
    assert_eq!(server.asked.lock().len(), 64 + refused);

    // The next run benefits from what was learned.
    let more = collect(start(work(&names), server.clone(), plan_of(order, &gate))).await;
    assert_eq!(more.iter().filter(|e| matches!(e, Event::BranchEnded { .. })).count(), 64);
    let again = *server.refused.lock() - refused;
    assert!(again <= 3, "{again} refused");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_takes_none_of_a_sections_time() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut plan = plan_of(Order::AtOnce(usize::MAX), &Arc::new(Gate::new(64)));
    plan.budget.total = Duration::from_secs(3);
    let begun = Instant::now();
    let events = collect(start(work(&names), Narrow::new(1), plan)).await;
    assert!(begun.elapsed() > Duration::from_secs(8), "one second each");
    assert_eq!(brief(&events).iter().filter(|b| b.ends_with("ends Done")).count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_everything_is_not_asked_for_ever() {
    let server = Narrow::new(0);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let gate = Arc::new(Gate::new(64));
    let order = Order::AtOnce(usize::MAX);
    let events = collect(start(work(&names), server.clone(), plan_of(order, &gate))).await;
    let failed = |e: &Event| matches!(e, Event::BranchEnded { outcome: Outcome::Failed(f), .. } if f.kind == FailureKind::RateLimited);
    assert_eq!(events.iter().filter(|e| failed(e)).count(), 8);
    assert_eq!(server.asked.lock().len(), 24, "three requests each");
}

#[tokio::test(start_paused = true)]
async fn a_refused_branch_that_is_stopped_holds_nobody_up() {
    let server = Narrow::new(2);
    let work = work(&["a", "b", "c", "d"]);
    let tokens: Vec<_> = work.iter().map(|w| w.token.clone()).collect();
    tokio::spawn(async move {
        sleep(Duration::from_millis(10)).await;
        // Cancels both branches that d waits for: one that is being answered, and one that was
        // refused before d.
        [&tokens[0], &tokens[2]].into_iter().for_each(CancellationToken::cancel);
    });
    let order = Order::AtOnce(usize::MAX);
    let gate = Arc::new(Gate::new(64));
    let events = timed(start(work, server, plan_of(order, &gate))).await;
    assert_eq!(only(&events, &["Cancelled"]).len(), 2);
    assert_eq!(only(&events, &["Done"]).len(), 2, "{events:#?}");
}
