//! Images changed at random: each change against its definition, and what the seed promises.

use nanotorch::data::{Augmentation, Crop, DataError, Dataset, Flip, Normalization, Shift};
use nanotorch::random::Random;
use nanotorch::shape::{R2, R3, Shape};
use proptest::prelude::*;

type Image = R3<2, 4, 5>;

/// An image whose numbers say where they were: 100 (plane + 1) + 10 row + column.
fn image() -> Vec<f32> {
    let place = |index: usize| (100 * (index / 20 + 1) + 10 * (index / 5 % 4) + index % 5) as f32;
    (0..Image::LEN).map(place).collect()
}

fn changed<A: Augmentation<Image, f32>>(change: &A, seed: u64) -> Vec<f32> {
    let mut numbers = image();
    change.augment(&mut Random::new(seed), &mut numbers);
    numbers.truncate(A::Out::LEN);
    numbers
}

/// The images that a change makes, over many seeds.
fn all<A: Augmentation<Image, f32>>(change: &A) -> Vec<Vec<f32>> {
    let mut images: Vec<_> = (0..400).map(|seed| changed(change, seed)).collect();
    images.sort_by(|a, b| a.partial_cmp(b).unwrap());
    images.dedup();
    images
}

#[test]
fn shifts_are_all_of_those_allowed() {
    let images = all(&Shift { rows: 1, columns: 2 });
    let mut expected = Vec::new();
    for down in -1_isize..=1 {
        for right in -2_isize..=2 {
            let at = |index: usize| {
                let (plane, row, column) =
                    (index / 20, (index / 5 % 4) as isize - down, (index % 5) as isize - right);
                let inside = (0..4).contains(&row) && (0..5).contains(&column);
                if inside { (100 * (plane + 1)) as f32 + (10 * row + column) as f32 } else { 0.0 }
            };
            expected.push((0..Image::LEN).map(at).collect::<Vec<f32>>());
        }
    }
    expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(images, expected);
    // As far as it may, and further than there is anything.
    assert!(all(&Shift { rows: 9, columns: 0 }).iter().any(|image| image.iter().all(|&x| x == 0.0)));
}

#[test]
fn flips_mirror_or_do_not() {
    let mirrored = |upside_down: bool| -> Vec<f32> {
        let at = |index: usize| {
            let (plane, row, column) = (index / 20, index / 5 % 4, index % 5);
            let (row, column) = if upside_down { (3 - row, column) } else { (row, 4 - column) };
            (100 * (plane + 1) + 10 * row + column) as f32
        };
        (0..Image::LEN).map(at).collect()
    };
    assert_eq!(changed(&Flip::horizontal(1.0), 1), mirrored(false));
    assert_eq!(changed(&Flip::vertical(1.0), 1), mirrored(true));
    assert_eq!(changed(&Flip::vertical(0.0), 1), image());
    assert_eq!(all(&Flip::horizontal(0.5)), [image(), mirrored(false)]);
    let often = (0..1000).filter(|&seed| changed(&Flip::horizontal(0.3), seed) != image()).count();
    assert!((230..370).contains(&often), "{often} of 1000");
}

#[test]
fn crops_are_all_places() {
    let images = all(&Crop::<R3<2, 3, 3>>::random());
    let mut expected = Vec::new();
    for top in 0..2 {
        for left in 0..3 {
            let at =
                |index: usize| (100 * (index / 9 + 1) + 10 * (index / 3 % 3 + top) + index % 3 + left) as f32;
            expected.push((0..18).map(at).collect::<Vec<f32>>());
        }
    }
    assert_eq!(images, expected);
    assert_eq!(changed(&Crop::<R3<2, 2, 1>>::centre(), 3), [112.0, 122.0, 212.0, 222.0]);
    assert_eq!(changed(&Crop::<Image>::random(), 3), image());
}

#[test]
fn changes_in_a_tuple_follow_each_other() -> Result<(), DataError> {
    let normalization = Normalization::<Image>::from_parts(vec![100.0; 40], vec![10.0; 40])?;
    let changes = (Flip::horizontal(1.0), Crop::<R3<2, 1, 2>>::centre());
    assert_eq!(changed(&changes, 1), [113.0, 112.0, 213.0, 212.0]);
    let expected: Vec<f32> = image().iter().map(|x| (x - 100.0) / 10.0).collect();
    assert_eq!(changed(&(normalization,), 1), expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn an_image_depends_on_seed_epoch_and_row_alone(seed in any::<u64>(), epoch in 0_u64..100) {
        let numbers: Vec<f32> = (0..7 * 12).map(|x| x as f32 + 1.0).collect();
        let images: Dataset<R2<3, 4>> = Dataset::new(numbers, (0..7).collect()).unwrap();
        let changes = (Shift { rows: 1, columns: 1 }, Flip::vertical(0.5));
        // By label, whatever the batches.
        let mut seen = vec![Vec::new(); 7];
        let mut whole = images.batches::<7>(seed).augmented(changes, seed);
        whole.start_epoch(epoch);
        let batch = whole.next_batch().unwrap();
        for (image, &label) in batch.inputs.chunks(12).zip(batch.targets) {
            seen[label as usize] = image.to_vec();
        }
        let mut small = images.batches::<2>(seed ^ 1).augmented(changes, seed);
        for other in [epoch + 1, epoch] {
            small.start_epoch(other);
            small.skip(1);
            let mut count = 0;
            while let Some(batch) = small.next_batch() {
                count += batch.len;
                for (image, &label) in batch.inputs.chunks(12).zip(batch.targets) {
                    prop_assert!(other != epoch || seen[label as usize] == image);
                }
            }
            prop_assert_eq!(count, 5);
        }
    }
}

#[test]
fn batches_allocate_nothing() {
    let images: Dataset<R2<8, 8>> = Dataset::new(vec![1.0; 64 * 30], vec![0; 30]).unwrap();
    let changes = (Shift { rows: 2, columns: 2 }, Crop::<R2<6, 6>>::random());
    let mut batches = images.batches::<8>(1).augmented(changes, 2);
    let used = allocation_counter::measure(|| {
        for epoch in 0..3 {
            batches.start_epoch(epoch);
            while let Some(batch) = batches.next_batch() {
                assert_eq!(batch.inputs.len(), batch.len * 36);
            }
        }
    });
    assert_eq!(used.count_total, 0);
}
